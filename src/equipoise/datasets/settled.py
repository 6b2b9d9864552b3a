"""Places that a sparse file gives several times."""

from typing import Any

import numpy as np
import scipy.sparse

from equipoise.core.errors import InputError
from equipoise.core.places import repeated_places
from equipoise.core.user_matrix import check_layout
from equipoise.datasets.options import Duplicates


def settled(matrix: Any, duplicates: Duplicates, name: str) -> Any:
    """Return a matrix in which every place stands once; anything but a coo_array or coo_matrix is returned as it is.

    Raises `InputError` for duplicates unless an option settles them.
    """
    if not scipy.sparse.issparse(matrix) or matrix.format != "coo" or duplicates == "sum":
        return matrix
    check_layout(matrix.shape, matrix.dtype, name)
    rows, columns = (np.asarray(index, dtype=np.int64) for index in (matrix.row, matrix.col))
    again = repeated_places(rows, columns)
    if not again.size:
        return matrix
    if duplicates == "error":
        first, second = again[0].tolist()
        raise InputError(
            f"Entries {first + 1} and {second + 1} of {name} are both at row {rows[first] + 1}, column "
            f"{columns[first] + 1} (all counted from 1); delete one, or pass duplicates='mean', 'last' or 'sum'."
        )
    values = np.asarray(matrix.data, dtype=np.float64)
    used, numbers = np.unique(columns, return_inverse=True)  # so that the places of a wide matrix do not overflow
    kept, found = settled_values(rows * used.size + numbers, values, duplicates)
    return scipy.sparse.coo_array((found, (rows[kept], columns[kept])), shape=matrix.shape)


def settled_values(places: np.ndarray, values: np.ndarray, duplicates: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the last entry at every place, in file order, and its value, or the mean or sum of all values there."""
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    ends = np.append(starts[1:], order.size)
    last = order[ends - 1]
    sequence = np.argsort(last)
    if duplicates == "last":
        return last[sequence], values[last][sequence]
    counts = np.repeat(ends - starts, ends - starts) if duplicates == "mean" else 1
    shares = values[order] / counts  # divided first: sums may overflow
    return last[sequence], np.add.reduceat(shares, starts)[sequence]
