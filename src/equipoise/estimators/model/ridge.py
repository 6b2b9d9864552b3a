"""The ridge regression that finds a row of X from its entries: how strongly, and toward what, it is held."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.core.types import RealNumber
from equipoise.estimators.complete import Completion, Prediction
from equipoise.estimators.complete.settings import PENALIZED
from equipoise.estimators.fold_in import fold_in


class Ridge(NamedTuple):
    """½ Σ (m_j + r + ⟨u, Y_j⟩ − value)² + λ/2 ⟨u, C⁻¹u⟩ + 5/2 r², to be minimized over a row u of X and its mean r.

    Of a penalized fit λ is the fit's own, and C = 1: the objective is that of the fit, as far as it depends on the row.
    Of any other fit C is the mean of xxᵀ over the rows x of X that have training entries, and λ the mean square error
    on the held-out entries, or on those for training. So u is held as if it were one of these rows, with errors of
    variance λ in its entries; and ⟨u, Y_j⟩ depends on W alone, not on how it is written as XYᵀ.

    - `penalty`: λ, in [M²] or, of a penalized fit, in [M]; without unit if rows or columns are scaled.
    - `root`: a square root of C (k x k): C = root rootᵀ.
    """

    penalty: float
    root: Float64[np.ndarray, "k k"]

    def row(
        self,
        columns: Int64[np.ndarray, " entries"],
        values: Float64[np.ndarray, " entries"],
        weighted: Float64[np.ndarray, "d2 k"],
        column_means: Float64[np.ndarray, " d2"] | None,
        penalty: RealNumber,
    ) -> tuple[Float64[np.ndarray, " k"], float]:
        """(u, r) of a row with these entries; `weighted` is Y root, and without `column_means` r is 0."""
        found, mean = fold_in(columns, values, weighted, column_means, penalty)
        return self.root @ found, mean

    def of_columns(self, prediction: Prediction) -> "Ridge":
        """The ridge regression for the columns of the same prediction."""
        is_own = np.array_equal(self.root, np.eye(self.root.shape[0]))
        return self if is_own else Ridge(self.penalty, root_of(prediction.transposed))


def ridge_of(found: Completion) -> Ridge:
    """The ridge regression for a completion; for a penalized fit it is the one that its own rows solve."""
    settings = found.fit.settings
    if settings is not None and settings.method == PENALIZED and settings.penalty > 0 and not found.keeps_baseline:
        return Ridge(float(settings.penalty), np.eye(found.prediction.left.shape[1]))
    error = found.score.training_rmse if found.score.held_out_rmse is None else found.score.held_out_rmse
    return Ridge(error**2, root_of(found.prediction))


def root_of(prediction: Prediction) -> Float64[np.ndarray, "k k"]:
    """The square root of C for the rows of a prediction; for its columns, that of the transposed one."""
    seen = prediction.left[prediction.means.seen_rows]
    _, singular, vectors = np.linalg.svd(seen, full_matrices=False)
    k = prediction.left.shape[1]
    root = np.zeros((k, k))
    root[:, : singular.size] = vectors.T * (singular / np.sqrt(seen.shape[0]))
    return root
