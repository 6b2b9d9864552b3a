"""The two orders in which known entries are stored: by rows, and by columns."""

from typing import NamedTuple

import numpy as np
import scipy.sparse
from jaxtyping import Int


class Order(NamedTuple):
    """Entries by rows, or by columns if those take the place of rows.

    - `start`: row i has the entries start[i] … start[i + 1] − 1, sorted by column.
    - `others`: the column of each entry.
    - `order`: its number in the order in which the entries were given.
    """

    start: Int[np.ndarray, " starts"]
    others: Int[np.ndarray, " m"]
    order: Int[np.ndarray, " m"]


def orders_of(
    rows: Int[np.ndarray, " m"], columns: Int[np.ndarray, " m"], shape: tuple[int, int]
) -> tuple[Order, Order]:
    """The entries by rows and by columns; each counts, also one that is given twice.

    Takes a few passes over the entries: turning rows into columns sorts a sparse matrix, in linear time.
    """
    numbers = np.arange(rows.size, dtype=np.int32 if rows.size < 2**31 else np.int64)
    given = scipy.sparse.coo_array((numbers, (columns.astype(np.int32), rows.astype(np.int32))), shape=shape[::-1])
    given.has_canonical_format = True  # or SciPy would sort, and add what is given twice
    by_rows = given.tocsr().tocsc()  # of the transpose
    by_columns = by_rows.tocsr()
    return _order(by_rows), _order(by_columns)


def _order(of: scipy.sparse.csr_array | scipy.sparse.csc_array) -> Order:
    return Order(of.indptr.astype(np.int64), of.indices.astype(np.int32, copy=False), of.data)
