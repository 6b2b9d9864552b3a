"""The null space of a linear system, and a readable basis of it."""

import numpy as np
import scipy.linalg
from jaxtyping import Float

_CUT = 1e-8


def null_space(
    system: Float[np.ndarray, "equations terms"], tolerance: float
) -> tuple[Float[np.ndarray, " terms"], Float[np.ndarray, "laws terms"]]:
    """The singular values divided by the first, and an orthonormal basis for those of at most `tolerance`."""
    triangle = scipy.linalg.qr(system, mode="r", check_finite=False)[0][: system.shape[1]]
    _, values, right = scipy.linalg.svd(triangle, check_finite=False)
    values = values / values[0] if values[0] > 0 else values
    return values, right[values <= tolerance]


def sparsest(rows: Float[np.ndarray, "laws terms"]) -> Float[np.ndarray, "laws terms"]:
    """A basis of the same space with few non-zero entries, the largest of each row ±1; found greedily."""
    if not len(rows):
        return rows
    reduced = _eliminated(rows)
    improved = True
    while improved:
        improved = False
        for target in range(len(reduced)):
            for other in range(len(reduced)):
                shorter = _shortened(reduced[target], reduced[other]) if other != target else None
                if shorter is not None:
                    reduced[target], improved = shorter, True
    return reduced / np.abs(reduced).max(axis=1, keepdims=True, initial=_CUT)


def _shortened(
    row: Float[np.ndarray, " terms"], other: Float[np.ndarray, " terms"]
) -> Float[np.ndarray, " terms"] | None:
    """`row` plus the multiple of `other` that leaves the fewest non-zero entries, or None if it leaves no fewer."""
    both = np.flatnonzero((row != 0) & (other != 0))
    if not both.size:
        return None
    ratios, votes = np.unique(np.round(row[both] / other[both], 6), return_counts=True)
    at = both[np.argmin(np.abs(row[both] / other[both] - ratios[np.argmax(votes)]))]
    candidate = _cut(row - row[at] / other[at] * other)
    return candidate if np.count_nonzero(candidate) < np.count_nonzero(row) else None


def _eliminated(rows: Float[np.ndarray, "laws terms"]) -> Float[np.ndarray, "laws terms"]:
    """The reduced row echelon form."""
    reduced = rows.copy()
    done = 0
    for column in range(reduced.shape[1]):
        if done == len(reduced):
            break
        pivot = done + int(np.argmax(np.abs(reduced[done:, column])))
        if np.abs(reduced[pivot, column]) < _CUT:
            continue
        reduced[[done, pivot]] = reduced[[pivot, done]]
        reduced[done] /= reduced[done, column]
        others = np.arange(len(reduced)) != done
        reduced[others] -= np.outer(reduced[others, column], reduced[done])
        done += 1
    return _cut(reduced)


def _cut(rows: np.ndarray) -> np.ndarray:
    """The rows with rounding errors set to zero."""
    return np.where(np.abs(rows) < _CUT, 0.0, rows)
