"""A transformer that fills in missing entries by a completion of low rank."""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Bool
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets
from equipoise.estimators.scikit_learn.clipping import clip_range
from equipoise.estimators.scikit_learn.endings import seed_of, tell
from equipoise.estimators.scikit_learn.fitting import fit_table
from equipoise.estimators.scikit_learn.matrices import Observed, observed
from equipoise.estimators.scikit_learn.table import CompletedTable
from equipoise.estimators.scikit_learn.wishes import AUTO, checked


class LowRankImputer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Missing entries filled in by a completion of low rank; see `equipoise.estimators.complete`.

    NaN is missing, and so is what a masked array masks. In a sparse matrix what is not stored is missing, and stored
    zeros are known. Known entries are never changed.

    - `method`: "small-init", "noise", "penalized", "nuclear-norm", or "auto" (default): the penalized fit and, up to
      200 000 entries, gradient descent from a small start, with and without means and in three widths, of which the
      one of least held-out error is fitted again to all entries. If the means of rows and columns are better than all
      of these, they are kept.
    - `width`: the number of columns of the factors; None (default) to choose.
    - `center`: whether to subtract row and column means first; None (default) to choose by held-out error.
    - `scale`: whether to subtract each column's mean and divide it by its standard deviation, before all else; None
      (default) to do so unless the held-out entries, measured in these deviations, are then predicted worse.
    - `clip`: the range (low, high) to clip predictions to; by default the range seen if the entries are ratings, as in
      `complete`; None for none.
    - `hold_out`: the share of the known entries that is held out; 0.1 by default. Nothing is held out if it is 0, or of
      fewer than 20 entries.
    - `keep_empty_features`: whether a column without known entries is filled in by the means, and not left out; False
      by default.
    - `steps`, `step_size`, `start_norm`, `gap`, `max_seconds`: as in `complete`; chosen by default.
    - `random_state`: the seed of the held-out entries, the start and the noise; 0 by default.
    - `progress`: whether to show a progress bar on stderr; False by default, and None for only on a terminal.

    Fitted attributes:

    - `components_` (k x columns), `row_factors_` (rows x k): the factors, balanced, ordered by singular value; without
      the columns that are left out.
    - `singular_values_`, `nuclear_norm_`: those of the factors' product, without the means if they were subtracted.
    - `mean_`, `column_means_`, `centered_`: the overall mean, the effect of each column, and whether they are added to
      the product.
    - `column_locations_`, `column_scales_`: what was subtracted from the columns, and what they were divided by; if
      they are scaled, all of the above is in these units, and so are the errors below. 0 and 1 if not.
    - `penalty_`: λ of the ridge regression by which `transform` folds rows in. It is that of the penalized fit; for any
      other fit it is the mean square of the held-out error, in the basis in which the row factors have unit covariance.
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
        clip: Any = "auto",
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
        table = self._fit(matrix)
        self._warn_of_empty()
        filled = table.prediction.dense()
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
        for i in np.flatnonzero(~known.all(axis=1)):
            filled[i, ~known[i]] = self._row(values[i], known[i])[~known[i]]
        return filled

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The names of the columns that are not left out."""
        check_is_fitted(self)
        return OneToOneFeatureMixin.get_feature_names_out(self, input_features)[self._kept]

    @property
    def _kept(self) -> Bool[np.ndarray, " columns"]:
        """The columns that are not left out."""
        return np.ones_like(self._seen) if self.keep_empty_features else self._seen

    def _fit(self, matrix: Observed) -> CompletedTable:
        options = {name: getattr(self, name) for name in ("steps", "step_size", "start_norm", "gap", "max_seconds")}
        options["progress"] = self.progress
        seed = seed_of(self.random_state)
        if not matrix.known.any():
            raise InputError("X has no known entry; give at least one number.")
        self._seen: np.ndarray = np.asarray(matrix.known.any(axis=0))
        entries = _entries(matrix, self._kept)
        options["clip"] = clip_range(self.clip, entries) or False
        wishes = checked(self.method, self.width, self.center, self.hold_out, seed, options, self.scale)
        table = fit_table(entries, wishes)
        self._keep(table)
        return table

    def _keep(self, table: CompletedTable) -> None:
        """Set the fitted attributes, and tell how the fit ended."""
        self._table = table
        self.components_, self.row_factors_ = table.right.T, table.left
        self.singular_values_, self.nuclear_norm_ = table.singular_values, float(table.singular_values.sum())
        self.mean_, self.column_means_, self.centered_ = table.means.mean, table.means.columns, table.centered
        units, count = table.units, table.right.shape[0]
        self.column_locations_ = np.zeros(count) if units is None else units.column_locations
        self.column_scales_ = np.ones(count) if units is None else units.column_scales
        self.penalty_, self.duality_gap_, self.held_out_error_ = table.penalty, table.duality_gap, table.held_out_error
        self.method_, self.n_iter_, self.history_, self.notes_ = table.method, table.steps, table.history, table.notes
        tell(table.unconverged, interrupted=table.interrupted)

    def _row(self, values: np.ndarray, known: np.ndarray) -> np.ndarray:
        """The prediction of a row with these known entries."""
        seen = np.flatnonzero(known & self._table.means.seen_columns)
        if not seen.size:
            return self._table.row_of_means()
        return self._table.row(*self._table.fold_in(seen, values[seen]))

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
