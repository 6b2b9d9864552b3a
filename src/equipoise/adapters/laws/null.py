"""The null space of sampled sums, as combinations with small whole numbers."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int

MOST = 4
"""The largest coefficient of a law."""
_SPARE = 4


class Found(NamedTuple):
    """The laws of some columns, and the singular values that decided their number.

    - `coefficients`: whole numbers, (laws, columns).
    - `pivots`: columns without which no law is left.
    - `null`, `next`: the largest singular value that counts as zero, and the smallest that does not.
    - `unread`: the number of null vectors without a form in small whole numbers.
    """

    coefficients: Float[np.ndarray, "laws columns"]
    pivots: list[int]
    null: float
    next: float
    unread: int


def enough(rows: int, columns: int) -> bool:
    """Whether so many equations decide on so many columns."""
    return rows >= columns + max(_SPARE, columns // 4)


def null_laws(
    sums: Float[np.ndarray, "rows columns"], squares: Float[np.ndarray, "rows columns"], tolerance: float
) -> Found | None:
    """The laws Σ c_k x_k = 0 with whole c_k that hold in all rows; None if there are too few rows to tell.

    - `sums`: x_k, one row for each channel and pass.
    - `squares`: the squares of their sizes by chance.
    - `tolerance`: the relative singular value up to which one counts as zero.
    """
    system = scaled(sums, squares)
    if system is None:
        return None
    matrix, scale, live = system
    triangle = scipy.linalg.qr(matrix, mode="r", check_finite=False)[0][: live.size]
    _, values, right = scipy.linalg.svd(triangle, check_finite=False)
    null = values <= tolerance
    reduced, pivots = eliminated(right[null])
    # a column with hardly any gradient, as of a bias of keys, is in a law by its rounding errors alone
    reduced[np.abs(reduced) <= tolerance * np.abs(reduced).max(axis=1, keepdims=True, initial=0.0)] = 0.0
    found, kept, unread = [], [], 0
    for row, pivot in zip(shortened(reduced / scale[live]), pivots, strict=True):
        kept.append(int(live[pivot]))
        whole = as_whole(row, 3 * tolerance * np.abs(row * scale[live]).max() / scale[live])
        if whole is None:
            unread += 1
            continue
        law = np.zeros(squares.shape[1])
        law[live] = whole
        found.append(law)
    largest = float(values[null].max(initial=0.0))
    return Found(np.array(found), kept, largest, float(values[~null].min(initial=np.inf)), unread)


def scaled(
    sums: Float[np.ndarray, "rows columns"], squares: Float[np.ndarray, "rows columns"]
) -> tuple[Float[np.ndarray, "seen live"], Float[np.ndarray, " columns"], Int[np.ndarray, " live"]] | None:
    """The system that laws solve, with rows and columns of size about 1, and none that are zero.

    Also the scales of all columns, and which are not zero; None if there are too few rows to tell.
    """
    size = squares.sum(axis=1)
    rows = size > 0
    if not enough(int(rows.sum()), squares.shape[1]):
        return None
    size = np.sqrt(size[rows] + 1e-6 * size.max())[:, None]
    scale = np.sqrt(np.mean(squares[rows] / size**2, axis=0))
    live = np.flatnonzero(scale > 0)
    if not live.size:
        return None
    return sums[np.ix_(rows, live)] / size / scale[live] / np.sqrt(len(size)), scale, live


def eliminated(rows: Float[np.ndarray, "laws columns"]) -> tuple[Float[np.ndarray, "laws columns"], list[int]]:
    """The same space, where each row has a column that is zero in all others; the largest entries are the pivots."""
    reduced, pivots = rows.copy(), list[int]()
    for done in range(len(reduced)):
        left = np.abs(reduced[done:])
        at, column = divmod(int(np.argmax(left)), left.shape[1])
        reduced[[done, done + at]] = reduced[[done + at, done]]
        reduced[done] /= reduced[done, column]
        others = np.arange(len(reduced)) != done
        reduced[others] -= np.outer(reduced[others, column], reduced[done])
        pivots.append(column)
    return reduced, pivots


def shortened(rows: Float[np.ndarray, "laws columns"]) -> Float[np.ndarray, "laws columns"]:
    """Rows plus multiples of one another, as long as that gives fewer entries; each is divided by its largest."""
    rows = rows / np.abs(rows).max(axis=1, keepdims=True, initial=1e-300)
    for _ in range(len(rows)):
        improved = False
        for target, other in _meeting(rows):
            candidate = _combined(rows[target], rows[other])
            if candidate is not None:
                rows[target], improved = candidate, True
        if not improved:
            break
    return rows


def _meeting(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    for target in range(len(rows)):
        for other in range(len(rows)):
            if other != target and np.any(_large(rows[target]) & _large(rows[other])):
                yield target, other


def _large(row: np.ndarray) -> np.ndarray:
    return np.abs(row) > 0.05 * np.abs(row).max()


def _combined(row: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """`row` plus the multiple of `other` that leaves the fewest entries, or None if it leaves no fewer."""
    both = np.flatnonzero(_large(row) & _large(other))
    ratios = np.unique(np.round(row[both] / other[both], 2))
    best, fewest = None, int(_large(row).sum())
    for ratio in ratios:
        at = both[np.argmin(np.abs(row[both] / other[both] - ratio))]
        candidate = row - row[at] / other[at] * other
        if np.abs(candidate).max() < 1e-6:
            continue
        candidate = candidate / np.abs(candidate).max()
        if (count := int(_large(candidate).sum())) < fewest:
            best, fewest = candidate, count
    return best


def as_whole(
    row: Float[np.ndarray, " columns"], doubt: Float[np.ndarray, " columns"]
) -> Float[np.ndarray, " columns"] | None:
    """The row times a number, rounded to small whole numbers; None if it has no such form.

    - `doubt`: the errors of the entries. An entry that is not known to 0.2 is zero.
    """
    sure = doubt < 0.2
    if not np.any(_large(row) & sure):
        return None
    row = np.where(sure, row, 0.0)
    least = np.abs(row[_large(row)]).min()
    for factor in range(1, MOST + 1):
        scaled = row * factor / least
        whole = np.round(scaled)
        if np.abs(whole).max() <= MOST and np.all(np.abs(scaled - whole) < 0.05):
            return whole if whole[np.flatnonzero(whole)[0]] > 0 else -whole
    return None
