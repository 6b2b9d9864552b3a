"""The predictions of a fit, for some entries or everywhere."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.core.errors import InputError
from equipoise.estimators.complete.limits import Limits
from equipoise.estimators.complete.means import Means
from equipoise.estimators.complete.units import Units
from equipoise.problems.observed import padded_copy, products
from equipoise.theory import canonical_factors


@dataclasses.dataclass(frozen=True)
class Prediction:
    """W = `left` `right`ᵀ, plus `means` if `centered`; the means alone where the training entries say nothing of W.

    They say nothing in rows and columns without training entries, and where those of a row and those of a column are
    not linked by others.

    - `left` (d1 x k), `right` (d2 x k): the factors X and Y.
    - `means`: row and column means of the training entries; they also tell which rows and columns have any.
    - `centered`: whether the means were subtracted before the fit.
    - `units`: the locations and scales of rows and columns, if what is above has no unit; None otherwise.
    - `limits`: (least, greatest), to which predictions are clipped; None if they are not.
    """

    left: Float64[np.ndarray, "d1 k"]
    right: Float64[np.ndarray, "d2 k"]
    means: Means
    centered: bool
    units: Units | None = None
    limits: Limits | None = None

    @property
    def transposed(self) -> "Prediction":
        """That of the transposed table."""
        units = None if self.units is None else self.units.transposed
        return Prediction(self.right, self.left, self.means.transposed, self.centered, units, self.limits)

    @property
    def canonical(self) -> "Prediction":
        """The same W with XᵀX = YᵀY diagonal, in falling order; see `equipoise.theory.canonical_factors`."""
        left, right = canonical_factors(*(factor.astype(np.float64) for factor in (self.left, self.right)), gamma=1)
        return dataclasses.replace(self, left=left, right=right)

    def at(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Float64[np.ndarray, " entries"]:
        """The predictions at these rows and columns, counted from 0, in the unit of the entries."""
        found = self._unlimited(rows, columns)
        if self.units is not None:
            found = self.units.location(rows, columns) + self.units.scale(rows, columns) * found
        return found if self.limits is None else np.clip(found, *self.limits)

    def bare(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Float64[np.ndarray, " entries"]:
        """The same without units: minus the location, divided by the scale."""
        if self.units is None or self.limits is None:
            found = self._unlimited(rows, columns)
            return found if self.limits is None else np.clip(found, *self.limits)
        return (self.at(rows, columns) - self.units.location(rows, columns)) / self.units.scale(rows, columns)

    def _unlimited(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Float64[np.ndarray, " entries"]:
        """W plus the means, without units, and not clipped."""
        means = self.means.at(rows, columns)
        fitted = products(rows, columns, *(padded_copy(factor) for factor in (self.left, self.right)))
        return np.where(self.means.seen(rows, columns), fitted + (means if self.centered else 0.0), means)

    def dense(self) -> Float64[np.ndarray, "d1 d2"]:
        """The prediction everywhere; raises `InputError` if it does not fit in memory."""
        try:
            means = self.means.dense()
            matrix = self.left @ self.right.T + (means if self.centered else 0.0)
            unseen = ~self.means.seen_everywhere()
        except MemoryError as error:
            rows, columns = self.left.shape[0], self.right.shape[0]
            raise InputError(
                f"A dense matrix of {rows} x {columns} does not fit in memory; predict some entries with at()."
            ) from error
        matrix[unseen] = means[unseen]
        if self.units is not None:
            matrix *= np.outer(self.units.row_scales, self.units.column_scales)
            matrix += self.units.row_locations[:, None] + self.units.column_locations
        return matrix if self.limits is None else np.clip(matrix, *self.limits, out=matrix)
