"""What a fit predicts, entry by entry or everywhere."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.core.errors import InputError
from equipoise.estimators.complete.means import Means


@dataclasses.dataclass(frozen=True)
class Prediction:
    """W = `left` `right`ᵀ, plus the `means` if `centered`; the means alone where a row or column is not seen.

    - `left` (d1 x k), `right` (d2 x k): the factors.
    - `means`: row and column means of the training entries, which also know what rows and columns these have.
    - `centered`: whether the means were subtracted before the fit.
    """

    left: Float64[np.ndarray, "d1 k"]
    right: Float64[np.ndarray, "d2 k"]
    means: Means
    centered: bool

    def at(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Float64[np.ndarray, " entries"]:
        """The predictions at these rows and columns, counted from 0."""
        means = self.means.at(rows, columns)
        fitted = np.einsum("ij,ij->i", self.left[rows], self.right[columns])
        return np.where(self.means.seen(rows, columns), fitted + (means if self.centered else 0.0), means)

    def dense(self) -> Float64[np.ndarray, "d1 d2"]:
        """The prediction everywhere. Raises `InputError` if it does not fit in memory."""
        try:
            means = self.means.dense()
            matrix = self.left @ self.right.T + (means if self.centered else 0.0)
        except MemoryError as error:
            rows, columns = self.left.shape[0], self.right.shape[0]
            raise InputError(
                f"A dense matrix of {rows} x {columns} does not fit in memory; ask for some entries by at()."
            ) from error
        unseen = ~(self.means.seen_rows[:, None] & self.means.seen_columns[None, :])
        matrix[unseen] = means[unseen]
        return matrix
