"""Known entries in both orders of storage."""

from typing import NamedTuple

import numpy as np
import scipy.sparse
from jaxtyping import DTypeLike, Float, Int

from equipoise.machine.native import asked_build, compiled, missing, threads
from equipoise.problems.observed.orders import Order

_MOST_AT_ONCE = 2**16  # entries whose rows of factors are gathered at once, without compiled code


class Weights(NamedTuple):
    """A number for each known entry, in the order by rows and in the order by columns."""

    by_rows: Float[np.ndarray, " m"]
    by_columns: Float[np.ndarray, " m"]


class Known:
    """The known entries M_ij of a d1 x d2 matrix, sorted by rows, and by columns.

    Memory grows with the number of entries. Factors are those of `padded`. With the compiled module, a product takes
    one pass over the entries, in threads; without it SciPy computes it.

    - `orders`: the places by rows and by columns (`orders_of`).
    - `values`: the entries, in the order in which they were given to `orders_of`.
    - `shape`: (d1, d2).
    - `dtype`: the precision of all arithmetic.
    - `importance`: a weight for each entry, in the same order; None, the default, if all are 1.
    """

    def __init__(
        self,
        orders: tuple[Order, Order],
        values: Float[np.ndarray, " m"],
        shape: tuple[int, int],
        dtype: DTypeLike,
        importance: Float[np.ndarray, " m"] | None = None,
    ) -> None:
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.by_rows, self.by_columns = orders
        self.values = self.weights(values)
        self.importance = None if importance is None else self.weights(importance)
        self._module = None if missing() else compiled()

    @property
    def counts(self) -> tuple[Int[np.ndarray, " d1"], Int[np.ndarray, " d2"]]:
        """The numbers of entries of each row and column."""
        return np.diff(self.by_rows.start), np.diff(self.by_columns.start)

    @property
    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """The sums of the weights of each row and column: the numbers of entries if all are 1."""
        if self.importance is None:
            return self.counts
        weights, (d1, d2) = self.importance.by_rows, self.shape
        return np.bincount(self.row_of_each(), weights, d1), np.bincount(self.by_rows.others, weights, d2)

    def row_of_each(self) -> Int[np.ndarray, " m"]:
        """The row of each entry, in the order by rows."""
        return np.repeat(np.arange(self.shape[0], dtype=np.int32), self.counts[0])

    def weights(self, given: Float[np.ndarray, " m"]) -> Weights:
        """Numbers in the order in which the entries were given, in both orders of storage."""
        numbers = given.astype(self.dtype, copy=False)
        return Weights(numbers[self.by_rows.order], numbers[self.by_columns.order])

    def gradients(
        self, x: Float[np.ndarray, "d1 k"], y: Float[np.ndarray, "d2 k"], of_x: np.ndarray, of_y: np.ndarray
    ) -> Float[np.ndarray, " m"]:
        """R = XYᵀ − M at the entries, in the order by rows; R Y and Rᵀ X are written to `of_x` and `of_y`.

        Compiled code computes R twice: to look it up in the other order takes longer. With weights w, it writes (wR) Y
        and (wR)ᵀ X, and returns √w R.
        """
        if self.importance is not None:
            return self._weighted_gradients(self.importance, x, y, of_x, of_y)
        residual = np.empty(self.values.by_rows.size, self.dtype)
        if self._module is None:
            residual[:] = products(self.row_of_each(), self.by_rows.others, x, y) - self.values.by_rows
            matrix = scipy.sparse.csr_array((residual, self.by_rows.others, self.by_rows.start), shape=self.shape)
            of_x[:], of_y[:] = matrix @ y, matrix.T @ x
            return residual
        for order, values, to, own, other, gradient in (
            (self.by_rows, self.values.by_rows, residual, x, y, of_x),
            (self.by_columns, self.values.by_columns, residual[:0], y, x, of_y),
        ):
            self._module.residuals(
                order.start, order.others, values, own, other, to, gradient, threads(), asked_build()
            )
        return residual

    def _weighted_gradients(
        self,
        importance: Weights,
        x: Float[np.ndarray, "d1 k"],
        y: Float[np.ndarray, "d2 k"],
        of_x: np.ndarray,
        of_y: np.ndarray,
    ) -> Float[np.ndarray, " m"]:
        """The same by single passes, since the compiled pass for both has no weights."""
        residual = products(self.row_of_each(), self.by_rows.others, x, y) - self.values.by_rows
        column_of_each = np.repeat(np.arange(self.shape[1], dtype=np.int32), self.counts[1])
        again = products(self.by_columns.others, column_of_each, x, y) - self.values.by_columns
        weights = Weights(importance.by_rows * residual, importance.by_columns * again)
        self.times(weights, y, of_x)
        self.transposed_times(weights, x, of_y)
        return np.sqrt(importance.by_rows) * residual

    def times(self, weights: Weights, y: Float[np.ndarray, "d2 k"], to: np.ndarray) -> None:
        """Write W Y for the sparse matrix W of these weights."""
        self._product(self.by_rows, weights.by_rows, y, to)

    def transposed_times(self, weights: Weights, x: Float[np.ndarray, "d1 k"], to: np.ndarray) -> None:
        """Write Wᵀ X for the sparse matrix W of these weights."""
        self._product(self.by_columns, weights.by_columns, x, to)

    def _product(self, order: Order, weights: Float[np.ndarray, " m"], thin: np.ndarray, to: np.ndarray) -> None:
        if self._module is None:
            shape = to.shape[0], thin.shape[0]
            to[:] = scipy.sparse.csr_array((weights, order.others, order.start), shape=shape) @ thin
        else:
            self._module.gathered(order.start, order.others, weights, thin, to, threads(), asked_build())


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
        places = rows.astype(np.int32, copy=False), columns.astype(np.int32, copy=False)
        module.products(*places, x, y, found, threads(), asked_build())
        return found
    for first in range(0, rows.size, _MOST_AT_ONCE):
        part = slice(first, first + _MOST_AT_ONCE)
        found[part] = np.einsum("ij,ij->i", x[rows[part]], y[columns[part]])
    return found
