"""Known entries in both orders of storage."""

import numpy as np
import scipy.sparse
from jaxtyping import DTypeLike, Float, Int

from equipoise.machine.native import asked_build, compiled, missing, threads

_MOST_AT_ONCE = 2**16  # entries whose rows of factors are gathered at once, without compiled code


class Known:
    """The known entries M_ij of a d1 x d2 matrix, sorted by rows, and by columns.

    Memory grows with the number of entries. Factors are those of `padded`. With the compiled module, products take one
    pass over the entries, in threads; without it SciPy computes them.

    - `rows`, `columns`: the places, counted from 0.
    - `values`: the entries.
    - `shape`: (d1, d2).
    - `dtype`: the precision of all arithmetic.
    """

    def __init__(
        self,
        rows: Int[np.ndarray, " m"],
        columns: Int[np.ndarray, " m"],
        values: Float[np.ndarray, " m"],
        shape: tuple[int, int],
        dtype: DTypeLike,
    ) -> None:
        by_rows = scipy.sparse.csr_array((np.arange(rows.size), (rows, columns)), shape=shape)
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.order: Int[np.ndarray, " m"] = by_rows.data
        self.start, self.columns = by_rows.indptr.astype(np.int64), by_rows.indices.astype(np.int32)
        self.values = values[self.order].astype(dtype)
        by_rows.data = np.arange(rows.size)
        by_columns = by_rows.tocsc()
        self.places = by_columns.data.astype(np.int64)
        self.start_of_columns, self.rows = by_columns.indptr.astype(np.int64), by_columns.indices.astype(np.int32)
        self._in_place = np.arange(rows.size)
        self._module = None if missing() else compiled()

    @property
    def counts(self) -> tuple[Int[np.ndarray, " d1"], Int[np.ndarray, " d2"]]:
        """The numbers of entries of each row and column."""
        return np.diff(self.start), np.diff(self.start_of_columns)

    def row_of_each(self) -> Int[np.ndarray, " m"]:
        """The row of each entry, in the order by rows."""
        return np.repeat(np.arange(self.shape[0]), self.counts[0])

    def gradients(
        self, x: Float[np.ndarray, "d1 k"], y: Float[np.ndarray, "d2 k"], of_x: np.ndarray, of_y: np.ndarray
    ) -> Float[np.ndarray, " m"]:
        """R = XYᵀ − M at the entries, in the order by rows; R Y and Rᵀ X are written to `of_x` and `of_y`."""
        residual = np.empty(self.values.size, self.dtype)
        if self._module is None:
            residual[:] = products(self.row_of_each(), self.columns, x, y) - self.values
            self.times(residual, y, of_x)
        else:
            arrays = self.start, self.columns, self.values, x, y, residual, of_x
            self._module.residuals(*arrays, threads(), asked_build())
        self.transposed_times(residual, x, of_y)
        return residual

    def times(self, weights: Float[np.ndarray, " m"], y: Float[np.ndarray, "d2 k"], to: np.ndarray) -> None:
        """Write W Y for the sparse matrix W of these `weights`, in the order by rows."""
        if self._module is None:
            to[:] = scipy.sparse.csr_array((weights, self.columns, self.start), shape=self.shape) @ y
        else:
            self._module.gathered(self.start, self.columns, self._in_place, weights, y, to, threads(), asked_build())

    def transposed_times(self, weights: Float[np.ndarray, " m"], x: Float[np.ndarray, "d1 k"], to: np.ndarray) -> None:
        """Write Wᵀ X for the sparse matrix W of these `weights`, in the order by rows."""
        if self._module is None:
            to[:] = scipy.sparse.csr_array((weights, self.columns, self.start), shape=self.shape).T @ x
        else:
            self._module.gathered(
                self.start_of_columns, self.rows, self.places, weights, x, to, threads(), asked_build()
            )


def products(
    rows: Int[np.ndarray, " m"],
    columns: Int[np.ndarray, " m"],
    x: Float[np.ndarray, "d1 k"],
    y: Float[np.ndarray, "d2 k"],
) -> Float[np.ndarray, " m"]:
    """The entries of XYᵀ at these places; the factors are those of `padded`."""
    found = np.empty(rows.size, x.dtype)
    module = None if missing() else compiled()
    if module is not None:
        places = rows.astype(np.int32), columns.astype(np.int32)
        module.products(*places, x, y, found, threads(), asked_build())
        return found
    for first in range(0, rows.size, _MOST_AT_ONCE):
        part = slice(first, first + _MOST_AT_ONCE)
        found[part] = np.einsum("ij,ij->i", x[rows[part]], y[columns[part]])
    return found
