"""A transformer that fills in missing entries by a completion of low rank."""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets
from equipoise.estimators.complete import Completion
from equipoise.estimators.scikit_learn.fitting import fit_table, keep
from equipoise.estimators.scikit_learn.matrices import Observed, observed
from equipoise.estimators.scikit_learn.wishes import AUTO, wishes_of


class LowRankImputer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Missing entries filled in by a completion of low rank; see `equipoise.estimators.complete`.

    NaN is missing, and so is what a masked array masks. In a sparse matrix what is not stored is missing, and stored
    zeros are known. Known entries are never changed.

    - `method`: "small-init", "noise", "penalized", "nuclear-norm", or "auto" (default), which chooses method and width
      by held-out error. The fit is then made again to all entries. If the means of rows and columns are better on the
      held-out entries, they are kept.
    - `scale`: whether to subtract a location from rows and columns and divide by a scale, or "columns" or "rows" for
      one side. By default (None) for columns, unless held-out entries are then predicted worse, in standard deviations
      of their columns.
    - `width`, `center`, `clip`, `steps`, `step_size`, `start_norm`, `gap`, `max_seconds`: as in `complete`,
      and chosen as there by default.
    - `hold_out`: the share of the known entries that is held out; 0.1 by default. Nothing is held out if it is 0, of
      fewer than 20 entries, and with "nuclear-norm".
    - `keep_empty_features`: whether a column without known entries is filled in by the means, and not left out; False
      by default.
    - `random_state`: the seed of the held-out entries, the start and the noise; 0 by default.
    - `progress`: whether to show a progress bar on stderr; False by default, and None for only on a terminal.

    Fitted attributes:

    - `components_` (k x columns), `row_factors_` (rows x k): the factors, balanced, ordered by singular value; without
      the columns that are left out. All numbers down to `column_means_` are without unit if there are `units_`.
    - `singular_values_`, `nuclear_norm_`: those of the factors' product, without the means if they were subtracted.
    - `mean_`, `column_means_`, `centered_`: the overall mean, the effect of each column, and whether they are added to
      the product.
    - `units_`: the locations and scales of rows and columns, `equipoise.estimators.Units`; None if nothing is scaled.
    - `limits_`: the range that predictions are clipped to; None if they are not.
    - `penalty_`: λ of the ridge regression by which `transform` folds rows in, as in `CompletionModel.fold_in`.
    - `duality_gap_`: the relative gap of the least nuclear norm; None for a method that does not prove one.
    - `held_out_error_`: the root mean square error on the held-out entries, which is optimistic; None without any.
    - `method_`: the method that is kept. `n_iter_`: the steps taken. `history_`: the recorded errors, as arrays.
    - `notes_`: one sentence for each thing that the user should know.
    - `n_features_in_`, `feature_names_in_`: as everywhere in scikit-learn.

    A fit that has not converged gives a `ConvergenceWarning`. Ctrl-C keeps what is reached as the fit, and is passed
    on.
    """

    def __init__(
        self,
        method: Any = AUTO,
        *,
        width: Any = None,
        center: Any = None,
        scale: Any = None,
        clip: Any = None,
        hold_out: Any = 0.1,
        keep_empty_features: Any = False,
        steps: Any = None,
        step_size: Any = None,
        start_norm: Any = None,
        gap: Any = 1e-4,
        max_seconds: Any = 60.0,
        random_state: Any = 0,
        progress: Any = False,
    ) -> None:
        self.method = method
        self.width = width
        self.center = center
        self.scale = scale
        self.clip = clip
        self.hold_out = hold_out
        self.keep_empty_features = keep_empty_features
        self.steps = steps
        self.step_size = step_size
        self.start_norm = start_norm
        self.gap = gap
        self.max_seconds = max_seconds
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: Any = None) -> "LowRankImputer":
        """Complete `X` (rows x columns); `y` is not used.

        Raises `InputError`, a ValueError, for what cannot be used.
        """
        self._fit(observed(self, X, reset=True))
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit to `X` and return it filled in by the completion itself, in which no row is folded in again."""
        matrix = observed(self, X, reset=True)
        found = self._fit(matrix)
        self._warn_of_empty()
        filled = found.prediction.dense()
        values, known = (part[:, self._kept] for part in matrix)
        filled[known] = values[known]
        return filled

    def transform(self, X: Any) -> Any:
        """`X` filled in: each row's missing entries by the ridge regression of its known ones on the column factors.

        A row without known entries gets the means.
        """
        check_is_fitted(self)
        matrix = observed(self, X, reset=False)
        self._warn_of_empty()
        values, known = (part[:, self._kept] for part in matrix)
        filled = values.copy()
        if not known.all():
            filled[~known] = self._predicted(values, known)
        return filled

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The names of the columns that are not left out."""
        check_is_fitted(self)
        return OneToOneFeatureMixin.get_feature_names_out(self, input_features)[self._kept]

    @property
    def _kept(self) -> Bool[np.ndarray, " columns"]:
        """The columns that are not left out."""
        return np.ones_like(self._seen) if self.keep_empty_features else self._seen

    def _fit(self, matrix: Observed) -> Completion:
        wishes = wishes_of(self)
        if not matrix.known.any():
            raise InputError("X has no known entry; give at least one number.")
        self._seen: np.ndarray = np.asarray(matrix.known.any(axis=0))
        fitted = fit_table(_entries(matrix, self._kept), wishes)
        prediction = fitted.model.prediction
        self.components_, self.row_factors_ = prediction.right.T, prediction.left
        self.column_means_ = prediction.means.columns
        keep(self, fitted)
        return fitted.completion

    def _predicted(
        self, values: Float64[np.ndarray, "rows columns"], known: Bool[np.ndarray, "rows columns"]
    ) -> Float64[np.ndarray, " unknown"]:
        """The predictions for the unknown entries, row by row, of rows that are new to the model."""
        rows, columns = np.nonzero(known & (known.sum(axis=1, keepdims=True) < known.shape[1]))
        new = self._model.row_ids.size + np.arange(known.shape[0])  # the ids of the fit are 0, 1, …
        model = self._model
        if rows.size:
            entries = Triplets(rows, columns, values[rows, columns], new, model.column_ids)
            model = model.fold_in(entries)
        unknown = np.nonzero(~known)
        return model.predict(new[unknown[0]], model.column_ids[unknown[1]]).values

    def _warn_of_empty(self) -> None:
        empty = np.flatnonzero(~self._seen)
        if empty.size and not self.keep_empty_features:
            names = getattr(self, "feature_names_in_", np.arange(self._seen.size))[empty]
            said = ", ".join(map(str, names[:5])) + (", …" if empty.size > 5 else "")
            warnings.warn(
                f"Columns without a known entry when the imputer was fitted are left out: {said}; "
                "keep_empty_features=True keeps them.",
                stacklevel=3,
            )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        return tags


def _entries(matrix: Observed, kept: Bool[np.ndarray, " columns"]) -> Triplets:
    """The known entries of the columns that are kept; rows and columns are numbered."""
    values, known = (part[:, kept] for part in matrix)
    rows, columns = np.nonzero(known)
    return Triplets(rows, columns, values[rows, columns], np.arange(known.shape[0]), np.arange(known.shape[1]))
