"""The minimum nuclear norm of many 3 x 3 positive semidefinite completions at once, in closed form, each certified.

Every graph on three points is chordal. So a completion exists if the fully observed 2 x 2 principal blocks are positive
semidefinite (Grone, Johnson, Sá and Wolkowicz, Linear Algebra and its Applications 58, 1984). The formula for the
completion of least trace depends only on which two entries are hidden.
"""

import itertools
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from equipoise.certified.reading import numbers
from equipoise.core.errors import InputError

_EPSILON = float(np.finfo(float).eps)
_ON_BOUNDARY = 1e-12

Stack = Float[np.ndarray, "instances 3 3"]
Each = Float[np.ndarray, " instances"]


class SmallCompletions(NamedTuple):
    """For each instance a completion X ⪰ 0 of least trace, and a dual point that proves it.

    lower ≤ min ‖X‖_* ≤ upper. `lower` is yᵀν minus an allowance for rounding; it holds however ν was found. If an
    instance has no completion, `upper` is infinite, `lower` is 0 and the rest of the certificate is NaN.
    """

    matrix: Stack
    """X, positive semidefinite up to rounding; see `least_eigenvalue`."""
    dual: Float[np.ndarray, "instances 4"]
    """ν with A*(ν) ⪯ I, in the order of the entries; (i, j) off the diagonal is measured by (e_i e_jᵀ + e_j e_iᵀ)/2."""
    upper: Each
    """tr X, in the unit [X]."""
    lower: Each
    """The lower bound of the trace of all completions, in the unit [X]."""
    margin: Each
    """The supremum of the least eigenvalue over all completions; if it is below 0, none is positive semidefinite."""
    least_eigenvalue: Each
    """λmin(X), as computed."""

    @property
    def feasible(self) -> Bool[np.ndarray, " instances"]:
        """Whether a completion exists."""
        return np.isfinite(self.upper)

    @property
    def boundary(self) -> Bool[np.ndarray, " instances"]:
        """Whether all completions are singular, because a fully observed block is (to a relative 1e-12)."""
        return self.feasible & (self.margin <= _ON_BOUNDARY * self.upper)

    @property
    def gap(self) -> Each:
        """|upper − lower|/upper; infinite if no completion exists."""
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = np.abs(self.upper - self.lower) / self.upper
        return np.where(self.feasible, np.where(self.upper > 0, relative, 0.0), np.inf)


def minimum_trace_completions(rows: Any, columns: Any, values: Any) -> SmallCompletions:
    """min tr X over 3 x 3 matrices X ⪰ 0 with X[rows, columns] = values, for each row of `values`.

    - `rows`: the row indices of four of the six entries of a symmetric matrix, from 0 to 2.
    - `columns`: their column indices; each entry may be named once.
    - `values`: instances x 4, in the unit [X].

    Raises `InputError` for any other entries, shapes that do not fit and values that are not finite. Source: Gunasekar
    et al. (2017), Eq. (6), for the certificate.
    """
    seen = _entries(rows, columns)
    data = numbers("values", values)
    if data.ndim != 2 or data.shape[1] != 4:
        raise InputError(f"values has shape {data.shape}; give instances x 4, one number per entry.")
    given = np.zeros((data.shape[0], 3, 3))
    for place, (i, j) in enumerate(seen):
        given[:, i, j] = given[:, j, i] = data[:, place]
    margin = _margin(given, seen)
    with np.errstate(invalid="ignore", over="ignore"):
        matrix, adjoint = _solve(given, seen)
    found = margin >= -_ON_BOUNDARY * np.abs(data).max(axis=1)
    found &= np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(adjoint).all(axis=(1, 2))
    dual = np.stack([adjoint[:, i, j] * (1 if i == j else 2) for i, j in seen], axis=1)
    lower, dual = _lower(data, dual, adjoint, found)
    eigenvalues = np.full_like(margin, np.nan)
    eigenvalues[found] = np.linalg.eigvalsh(matrix[found])[:, 0]
    upper = np.where(found, np.trace(matrix, axis1=1, axis2=2), np.inf)
    matrix = np.where(found[:, None, None], matrix, np.nan)
    return SmallCompletions(matrix, dual, upper, lower, margin, eigenvalues)


def _entries(rows: Any, columns: Any) -> list[tuple[int, int]]:
    """The observed entries, each as (i, j) with i ≤ j."""
    pairs = np.stack(np.broadcast_arrays(np.asarray(rows), np.asarray(columns)), axis=-1)
    if pairs.shape != (4, 2) or pairs.dtype.kind not in "iu" or pairs.min() < 0 or pairs.max() > 2:
        raise InputError("rows and columns must be four whole numbers each, from 0 to 2.")
    seen = [(int(min(pair)), int(max(pair))) for pair in pairs]
    if len(set(seen)) < 4:
        raise InputError("rows and columns name an entry twice; name each once, (i, j) and (j, i) being the same.")
    return seen


def _margin(given: Stack, seen: list[tuple[int, int]]) -> Each:
    """The least eigenvalue of the fully observed principal blocks."""
    least = np.full(given.shape[0], np.inf)
    for i, j in seen:
        if i == j:
            least = np.minimum(least, given[:, i, i])
        elif (i, i) in seen and (j, j) in seen:
            middle, half = (given[:, i, i] + given[:, j, j]) / 2, (given[:, i, i] - given[:, j, j]) / 2
            least = np.minimum(least, middle - np.hypot(half, given[:, i, j]))
    return least


def _solve(given: Stack, seen: list[tuple[int, int]]) -> tuple[Stack, Stack]:
    """(X, A*(ν)) of least trace; the formula depends on which entries are hidden."""
    hidden = [pair for pair in itertools.combinations_with_replacement(range(3), 2) if pair not in seen]
    diagonal = [i for i, j in hidden if i == j]
    if not diagonal:
        return given, np.broadcast_to(np.eye(3), given.shape).copy()
    if len(diagonal) == 2:
        (i,) = {0, 1, 2} - set(diagonal)
        return _two_hidden(given, i, *diagonal)
    (k,) = diagonal
    other = next(pair for pair in hidden if pair[0] != pair[1])
    if k not in other:
        return _opposite(given, *other, k)
    (i,) = set(other) - {k}
    return _adjacent(given, i, 3 - i - k, k)


def _adjacent(given: Stack, i: int, j: int, k: int) -> tuple[Stack, Stack]:
    """(k, k) and (i, k) hidden: row k is a multiple s of row j, as x_kk ≥ x_jk²/x_jj."""
    matrix, adjoint = given.copy(), np.zeros_like(given)
    s = _ratio(given[:, j, k], given[:, j, j])
    matrix[:, k, k] = s * given[:, j, k]
    matrix[:, i, k] = matrix[:, k, i] = s * given[:, i, j]
    adjoint[:, i, i] = 1
    adjoint[:, j, j] = 1 - s**2
    adjoint[:, j, k] = adjoint[:, k, j] = s
    return matrix, adjoint


def _opposite(given: Stack, i: int, j: int, k: int) -> tuple[Stack, Stack]:
    """(k, k) and (i, j) hidden: x_kk is the larger of x_ik²/x_ii and x_jk²/x_jj, whose row also gives x_ij."""
    matrix, adjoint = given.copy(), np.zeros_like(given)
    s, t = _ratio(given[:, i, k], given[:, i, i]), _ratio(given[:, j, k], given[:, j, j])
    first = s * given[:, i, k] >= t * given[:, j, k]
    matrix[:, k, k] = np.where(first, s * given[:, i, k], t * given[:, j, k])
    between = np.where(first, _ratio(given[:, j, k], s), _ratio(given[:, i, k], t))
    matrix[:, i, j] = matrix[:, j, i] = between
    adjoint[:, i, i] = np.where(first, 1 - s**2, 1)
    adjoint[:, j, j] = np.where(first, 1, 1 - t**2)
    adjoint[:, i, k] = adjoint[:, k, i] = np.where(first, s, 0)
    adjoint[:, j, k] = adjoint[:, k, j] = np.where(first, 0, t)
    return matrix, adjoint


def _two_hidden(given: Stack, i: int, j: int, k: int) -> tuple[Stack, Stack]:
    """(j, j) and (k, k) hidden: the Schur complement of x_ii is (|e|, e; e, |e|), e = x_jk − x_ij x_ik/x_ii."""
    matrix, adjoint = given.copy(), np.zeros_like(given)
    s, t = _ratio(given[:, i, j], given[:, i, i]), _ratio(given[:, i, k], given[:, i, i])
    rest = given[:, j, k] - s * given[:, i, k]
    matrix[:, j, j] = s * given[:, i, j] + np.abs(rest)
    matrix[:, k, k] = t * given[:, i, k] + np.abs(rest)
    sign = np.where(rest < 0, -1.0, 1.0)
    difference = s - sign * t
    adjoint[:, i, i] = 1 - difference**2
    adjoint[:, i, j] = adjoint[:, j, i] = difference
    adjoint[:, i, k] = adjoint[:, k, i] = -sign * difference
    adjoint[:, j, k] = adjoint[:, k, j] = sign
    return matrix, adjoint


def _ratio(above: Each, below: Each) -> Each:
    """above/below, and 0 where above is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(above == 0, 0.0, above / below)


def _lower(
    data: Float[np.ndarray, "instances 4"],
    dual: Float[np.ndarray, "instances 4"],
    adjoint: Stack,
    found: Bool[np.ndarray, " instances"],
) -> tuple[Each, Float[np.ndarray, "instances 4"]]:
    """(yᵀν minus an allowance for rounding, ν scaled so that A*(ν) ⪯ I), and (0, NaN) where nothing was found."""
    value, scaled = np.zeros(data.shape[0]), np.full_like(dual, np.nan)
    size = np.linalg.norm(adjoint[found], axis=(1, 2))
    level = np.linalg.eigvalsh(adjoint[found])[:, -1] + 24 * _EPSILON * size
    terms = data[found] * dual[found]
    bound = terms.sum(axis=1) - 4 * _EPSILON * np.abs(terms).sum(axis=1)
    scaled[found] = dual[found] / np.maximum(level, 1)[:, None]
    value[found] = np.maximum(bound / np.maximum(level, 1) * (1 - 4 * _EPSILON), 0.0)
    return value, scaled
