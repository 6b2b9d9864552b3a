"""The predictions of a fit, for some entries or everywhere."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.core.errors import InputError
from equipoise.estimators.complete.means import Means
from equipoise.problems.observed import padded_copy, products


@dataclasses.dataclass(frozen=True)
class Prediction:
    """W = `left` `right`ᵀ, plus `means` if `centered`; the means alone in rows and columns without training entries.

    - `left` (d1 x k), `right` (d2 x k): the factors.
    - `means`: row and column means of the training entries; they also tell which rows and columns have any.
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
        fitted = products(rows, columns, *(padded_copy(factor) for factor in (self.left, self.right)))
        return np.where(self.means.seen(rows, columns), fitted + (means if self.centered else 0.0), means)

    def dense(self) -> Float64[np.ndarray, "d1 d2"]:
        """The prediction everywhere; raises `InputError` if it does not fit in memory."""
        try:
            means = self.means.dense()
            matrix = self.left @ self.right.T + (means if self.centered else 0.0)
        except MemoryError as error:
            rows, columns = self.left.shape[0], self.right.shape[0]
            raise InputError(
                f"A dense matrix of {rows} x {columns} does not fit in memory; predict some entries with at()."
            ) from error
        unseen = ~(self.means.seen_rows[:, None] & self.means.seen_columns[None, :])
        matrix[unseen] = means[unseen]
        return matrix
