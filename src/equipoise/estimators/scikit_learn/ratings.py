"""Ratings of items by users, factored: predictions, recommendations, and new ratings folded in."""

import warnings
from typing import Any

import numpy as np
from jaxtyping import Float64
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets
from equipoise.datasets.entries.triplets import with_weights
from equipoise.estimators.complete.scores import root_mean_square
from equipoise.estimators.model import CompletionModel
from equipoise.estimators.scikit_learn.fitting import fit_table, keep
from equipoise.estimators.scikit_learn.reading import check_kind, pairs_of, plain_ids, ratings_of
from equipoise.estimators.scikit_learn.wishes import wishes_of


class RatingsFactorization(BaseEstimator):
    """rating ≈ mean + user + item + ⟨x_user, y_item⟩; see `equipoise.estimators.complete`.

    Ratings are an array or a data frame of user, item, rating; a tuple of three arrays; or a sparse matrix, of which
    the stored entries, zeros too, are ratings. Ids are whole numbers or text.

    - `method`: "penalized" (default), "small-init", "noise", "nuclear-norm", or "auto" as in `LowRankImputer`.
    - `center`: whether the means of users and items are part of the prediction; True by default, None to choose.
    - `hold_out`: the share of the ratings that is held out to choose the step; 0.1 by default, 0 for none.
    - `width`, `scale`, `clip`, `steps`, `step_size`, `start_norm`, `gap`, `max_seconds`: as in `complete`, and chosen
      as there by default.
    - `columns`: the titles of users, items and ratings in a data frame; by default the titles tell.
    - `duplicates`: what to do with two ratings of one item by one user: "error" (default), "mean", "last" or "sum".
    - `random_state`: the seed of the held-out ratings, the start and the noise; 0 by default.
    - `progress`: whether to show a progress bar on stderr; False by default, and None for only on a terminal.

    Fitted attributes:

    - `user_ids_`, `item_ids_`: the ids.
    - `user_factors_` (users x k), `item_factors_` (items x k): the factors, balanced, ordered by singular value.
    - `mean_`, `user_means_`, `item_means_`, `centered_`: the overall mean, the effects of users and items, and whether
      they are part of the prediction; they are what is predicted for an unseen user or item.
    - `singular_values_`, `nuclear_norm_`, `units_`, `limits_`, `penalty_`, `duality_gap_`, `held_out_error_`,
      `method_`, `n_iter_`, `history_`, `notes_`: of the last `fit`, as in `LowRankImputer`.

    A fit that has not converged gives a `ConvergenceWarning`. Ctrl-C keeps what is reached as the fit, and is passed
    on.
    """

    def __init__(
        self,
        method: Any = "penalized",
        *,
        width: Any = None,
        center: Any = True,
        scale: Any = None,
        clip: Any = None,
        hold_out: Any = 0.1,
        columns: Any = None,
        duplicates: Any = "error",
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
        self.columns = columns
        self.duplicates = duplicates
        self.steps = steps
        self.step_size = step_size
        self.start_norm = start_norm
        self.gap = gap
        self.max_seconds = max_seconds
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> "RatingsFactorization":
        """Fit to ratings, of which `y` has the numbers if `X` is without.

        - `sample_weight`: a positive number for each rating, by which its squared error is multiplied; None for 1. The
          ridge regression that takes in ratings later knows no weights.

        Raises `InputError`, a ValueError, for what are no ratings and for numbers out of range.
        """
        ratings = self._read(X, y)
        if sample_weight is not None:
            ratings = with_weights(ratings, sample_weight)
        fitted = fit_table(ratings, wishes_of(self), ("user", "item", "rating"))
        self._keep(fitted.model)
        keep(self, fitted)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> "RatingsFactorization":
        """Take in more ratings without a new fit; the first call fits.

        A rating of a known pair replaces the known one. The users and items of the new ratings are solved anew from all
        their ratings, by ridge regression: new users first, then items, then users. Everyone else's factors stay, and
        so do the overall mean and the clip range. `fit` on everything would be a little better, and takes longer.
        """
        if not hasattr(self, "_model"):
            return self.fit(X, y)
        self._keep(self._model.update(self._more(X, y)))
        return self

    def fold_in(self, X: Any, y: Any = None) -> "RatingsFactorization":
        """Take in ratings of new users, or more of known ones, by ridge regression against the item factors.

        Nothing but these users' factors changes. Ratings of unknown items are passed over with a warning.
        """
        check_is_fitted(self)
        new = self._more(X, y)
        unknown = ~np.isin(new.items, self.item_ids_)
        if unknown.all():
            raise InputError("No rating is of a known item; fit again, or call partial_fit.")
        if unknown.any():
            warnings.warn(
                f"{int(unknown.sum())} of {len(new)} ratings are of unknown items and passed over; partial_fit takes "
                "them in.",
                stacklevel=2,
            )
        self._keep(self._model.fold_in(new.select(~unknown)))
        return self

    def predict(self, X: Any, items: Any = None) -> Float64[np.ndarray, " pairs"]:
        """The ratings to expect: of `items` by the users `X`, or of the pairs in the first two columns of a table `X`.

        For an unseen user or item it is the mean of all with the effect of the other one, if that is known.
        """
        check_is_fitted(self)
        return self._model.predict(*pairs_of(X, items)).values

    def recommend(self, user: Any, n: Any = 10, *, exclude_seen: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """(items, ratings to expect): the ids of the `n` items with the highest predictions for a user, best first.

        - `user`: the id of the user; for an unseen one the items of the highest means are returned.
        - `n`: the number of items; fewer are returned if there are not so many.
        - `exclude_seen`: whether to leave out what the user has rated; True by default.
        """
        check_is_fitted(self)
        (row,) = plain_ids([user], "user").tolist()
        best = self._model.recommend(row, n, exclude_seen=exclude_seen)
        return best.columns, best.values

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the root mean square error on ratings; greater is better."""
        check_is_fitted(self)
        ratings = self._read(X, y)
        return -root_mean_square(self.predict(ratings.users, ratings.items) - ratings.values)

    def _read(self, X: Any, y: Any) -> Triplets:
        return ratings_of(X, y, columns=self.columns, duplicates=self.duplicates)

    def _more(self, X: Any, y: Any) -> Triplets:
        """Further ratings; raises `InputError` if their ids are text where those of the fit are numbers, or the other
        way round.
        """
        new = self._read(X, y)
        for which, known, ids in (("user", self.user_ids_, new.row_ids), ("item", self.item_ids_, new.column_ids)):
            check_kind(which, known, ids)
        return new

    def _keep(self, model: CompletionModel) -> None:
        """Set the attributes that new ratings change."""
        self._model, prediction = model, model.prediction
        self.user_ids_, self.item_ids_ = np.asarray(model.row_ids), np.asarray(model.column_ids)
        self.user_factors_, self.item_factors_ = prediction.left, prediction.right
        self.user_means_, self.item_means_ = prediction.means.rows, prediction.means.columns

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False  # not a matrix of samples and features
        return tags
