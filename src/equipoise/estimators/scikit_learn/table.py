"""A completed table in plain arrays, in a canonical form: what the estimators keep of a fit."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.estimators.complete import Means, Prediction, Units
from equipoise.estimators.complete.limits import Limits
from equipoise.estimators.fold_in import fold_in


@dataclasses.dataclass(frozen=True)
class CompletedTable:
    """W = `left` `right`ᵀ, plus the means if `centered`; the means alone where a row or column has no entry.

    - `left` (d1 x k), `right` (d2 x k): the factors, balanced, with columns ordered by singular value.
    - `singular_values`: those of `left` `right`ᵀ.
    - `means`: row and column means.
    - `centered`: whether they belong to the prediction.
    - `penalty`, `row_weights`, `column_weights`: λ of the ridge regression by which a row or a column is folded in, and
      the k numbers by which the factors are multiplied in it. The penalized fit has its own λ and weights of 1. Any
      other fit has no penalty; there the rows of `left` are taken as draws of a normal law with the covariance that
      they show, so that with weights √(s/d1) the penalty is the variance of what the fit leaves of the held-out entries
      (of the training entries, if none is held out). For columns d2 stands in place of d1.
    - `units`: the locations and scales of columns, if everything above has no unit; None otherwise.
    - `limits`: (least, greatest), to which predictions are clipped; None if they are not.
    - `method`: the method that is kept.
    - `steps`: the steps taken.
    - `history`: the recorded errors, as arrays by name; empty without a recorded run.
    - `duality_gap`: the relative gap of the least nuclear norm; None if the method does not prove one.
    - `held_out_error`: the root mean square error on the held-out entries; None if nothing is held out.
    - `notes`: one sentence for each thing that the user should know.
    - `unconverged`: what is to be said of a fit that has not converged, or nothing.
    - `interrupted`: whether Ctrl-C ended the fit.
    """

    left: Float64[np.ndarray, "d1 k"]
    right: Float64[np.ndarray, "d2 k"]
    singular_values: Float64[np.ndarray, " k"]
    means: Means
    centered: bool
    penalty: float
    row_weights: Float64[np.ndarray, " k"]
    column_weights: Float64[np.ndarray, " k"]
    method: str
    steps: int
    history: dict[str, np.ndarray]
    duality_gap: float | None
    held_out_error: float | None
    notes: tuple[str, ...]
    unconverged: str = ""
    interrupted: bool = False
    units: Units | None = None
    limits: Limits | None = None

    @property
    def prediction(self) -> Prediction:
        """W and the means."""
        return Prediction(self.left, self.right, self.means, self.centered, self.units, self.limits)

    @property
    def transposed(self) -> "CompletedTable":
        """The table with rows and columns exchanged; only without units."""
        assert self.units is None
        return dataclasses.replace(
            self,
            left=self.right,
            right=self.left,
            means=self.means.transposed,
            row_weights=self.column_weights,
            column_weights=self.row_weights,
        )

    def fold_in(
        self, columns: Int64[np.ndarray, " entries"], values: Float64[np.ndarray, " entries"]
    ) -> tuple[Float64[np.ndarray, " k"], float]:
        """The factor and the mean of a row that the fit has not seen, from its entries in these columns."""
        means = self.means.mean + self.means.columns if self.centered else None
        if self.units is not None:
            values = (values - self.units.column_locations[columns]) / self.units.column_scales[columns]
        factor, mean = fold_in(columns, values, self.right * self.row_weights, means, self.penalty)
        return factor * self.row_weights, mean

    def row(self, factor: Float64[np.ndarray, " k"], mean: float) -> Float64[np.ndarray, " d2"]:
        """The prediction of a row with this factor and mean; the means alone in columns without entries."""
        means = self.means.mean + self.means.columns + mean
        fitted = self.right @ factor + (means if self.centered else 0.0)
        return self._in_units(np.where(self.means.seen_columns, fitted, means))

    def row_of_means(self) -> Float64[np.ndarray, " d2"]:
        """The prediction of a row of which nothing is known."""
        return self._in_units(self.means.mean + self.means.columns)

    def _in_units(self, row: Float64[np.ndarray, " d2"]) -> Float64[np.ndarray, " d2"]:
        if self.units is not None:
            row = self.units.column_locations + self.units.column_scales * row
        return row if self.limits is None else np.clip(row, *self.limits)
