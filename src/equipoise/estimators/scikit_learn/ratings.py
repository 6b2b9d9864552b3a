"""Ratings of items by users, factored: predictions, recommendations, and new ratings folded in."""

import dataclasses
import warnings
from typing import Any

import numpy as np
from jaxtyping import Float64
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.datasets import Triplets
from equipoise.datasets.entries.triplets import with_weights
from equipoise.estimators.complete.scores import root_mean_square
from equipoise.estimators.scikit_learn.clipping import clip_range
from equipoise.estimators.scikit_learn.endings import seed_of, tell
from equipoise.estimators.scikit_learn.fitting import fit_table
from equipoise.estimators.scikit_learn.reading import pairs_of, plain_ids, positions, ratings_of
from equipoise.estimators.scikit_learn.renewal import at_the_mean, grown, with_columns, with_entries, with_rows
from equipoise.estimators.scikit_learn.table import CompletedTable
from equipoise.estimators.scikit_learn.wishes import checked


class RatingsFactorization(BaseEstimator):
    """rating ≈ mean + user + item + ⟨x_user, y_item⟩; see `equipoise.estimators.complete`.

    Ratings are an array or a data frame of user, item, rating; a tuple of three arrays; or a sparse matrix, of which
    the stored entries, zeros too, are ratings. Ids are whole numbers or text.

    - `method`: "penalized" (default), "small-init", "noise", "nuclear-norm", or "auto" as in `LowRankImputer`.
    - `width`: the number of columns of the factors; None (default) to choose.
    - `center`: whether the means of users and items are part of the prediction; True by default, None to choose.
    - `hold_out`: the share of the ratings that is held out to choose the step; 0.1 by default, 0 for none.
    - `clip`: the range (low, high) to clip predictions to; by default the range seen, if the entries are ratings
      as in `complete`; None for none.
    - `columns`: the titles of users, items and ratings in a data frame; by default the titles tell.
    - `duplicates`: what to do with two ratings of one item by one user: "error" (default), "mean", "last" or "sum".
    - `steps`, `step_size`, `start_norm`, `gap`, `max_seconds`: as in `complete`; chosen by default.
    - `random_state`: the seed of the held-out ratings, the start and the noise; 0 by default.
    - `progress`: whether to show a progress bar on stderr; False by default, and None for only on a terminal.

    Fitted attributes:

    - `user_ids_`, `item_ids_`: the ids.
    - `user_factors_` (users x k), `item_factors_` (items x k): the factors, balanced, ordered by singular value.
    - `mean_`, `user_means_`, `item_means_`, `centered_`: the overall mean, the effects of users and items, and whether
      they are part of the prediction; they are what is predicted for an unseen user or item.
    - `singular_values_`, `nuclear_norm_`, `penalty_`, `duality_gap_`, `held_out_error_`, `method_`, `n_iter_`,
      `history_`, `notes_`: of the last `fit`, as in `LowRankImputer`.

    A fit that has not converged gives a `ConvergenceWarning`. Ctrl-C keeps what is reached as the fit, and is passed
    on.
    """

    def __init__(
        self,
        method: Any = "penalized",
        *,
        width: Any = None,
        center: Any = True,
        hold_out: Any = 0.1,
        clip: Any = "auto",
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
        self.hold_out = hold_out
        self.clip = clip
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

        - `sample_weight`: a positive number for each rating, by which its squared error is multiplied; None for 1. New
          ratings that are taken in later have none.

        Raises `InputError`, a ValueError, for what are no ratings and for numbers out of range.
        """
        ratings = self._read(X, y)
        if sample_weight is not None:
            ratings = with_weights(ratings, sample_weight)
        options = {name: getattr(self, name) for name in ("steps", "step_size", "start_norm", "gap", "max_seconds")}
        options["progress"] = self.progress
        seed = seed_of(self.random_state)
        self._clip = clip_range(self.clip, ratings)
        options["clip"] = self._clip or False
        wishes = checked(self.method, self.width, self.center, self.hold_out, seed, options)
        table = dataclasses.replace(fit_table(ratings, wishes), limits=None)  # items are ranked before they are clipped
        self._keep(table, ratings)
        self.singular_values_, self.nuclear_norm_ = table.singular_values, float(table.singular_values.sum())
        self.penalty_, self.duality_gap_, self.held_out_error_ = table.penalty, table.duality_gap, table.held_out_error
        self.method_, self.n_iter_, self.history_, self.notes_ = table.method, table.steps, table.history, table.notes
        tell(table.unconverged, interrupted=table.interrupted)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> "RatingsFactorization":
        """Take in more ratings without a new fit; the first call fits.

        A rating of a known pair replaces the known one. The users and items of the new ratings are solved anew from all
        their ratings, by ridge regression: new users first, then items, then users. Everyone else's factors stay, and
        so do the overall mean and the clip range. `fit` on everything would be a little better, and takes longer.
        """
        if not hasattr(self, "_table"):
            return self.fit(X, y)
        new = self._read(X, y)
        ratings = with_entries(self._ratings, new)
        users, items = (np.unique(one) for one in self._touched(ratings, new))
        table = grown(self._table, ratings)
        table = with_rows(table, ratings, users[~table.means.seen_rows[users]])
        table = with_columns(at_the_mean(table, users), ratings, items)
        self._keep(with_rows(table, ratings, users), ratings)
        return self

    def fold_in(self, X: Any, y: Any = None) -> "RatingsFactorization":
        """Take in ratings of new users, or more of known ones, by ridge regression against the item factors.

        Nothing but these users' factors changes. Ratings of unknown items are passed over with a warning.
        """
        check_is_fitted(self)
        new = self._read(X, y)
        unknown = positions(self.item_ids_, new.column_ids, "item")[new.columns] < 0
        known = self._of_known_items(new, ~unknown)
        if unknown.any():
            warnings.warn(
                f"{int(unknown.sum())} of {len(new)} ratings are of unknown items and passed over; partial_fit takes "
                "them in.",
                stacklevel=2,
            )
        ratings = with_entries(self._ratings, known)
        users = np.unique(self._touched(ratings, new)[0])
        self._keep(with_rows(grown(self._table, ratings), ratings, users), ratings)
        return self

    def predict(self, X: Any, items: Any = None) -> Float64[np.ndarray, " pairs"]:
        """The ratings to expect: of `items` by the users `X`, or of the pairs in the first two columns of a table `X`.

        For an unseen user or item it is the mean of all with the effect of the other one, if that is known.
        """
        check_is_fitted(self)
        users, others = pairs_of(X, items)
        rows, columns = positions(self.user_ids_, users, "user"), positions(self.item_ids_, others, "item")
        means = self._table.means
        found = np.full(rows.size, means.mean)
        found[rows >= 0] += means.rows[rows[rows >= 0]]
        found[columns >= 0] += means.columns[columns[columns >= 0]]
        known = (rows >= 0) & (columns >= 0)
        found[known] = self._table.prediction.at(rows[known], columns[known])
        return found if self._clip is None else np.clip(found, *self._clip)

    def recommend(self, user: Any, n: Any = 10, *, exclude_seen: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """(items, ratings to expect): the ids of the `n` items with the highest predictions for a user, best first.

        - `user`: the id of the user; for an unseen one the items of the highest means are returned.
        - `n`: the number of items; fewer are returned if there are not so many.
        - `exclude_seen`: whether to leave out what the user has rated; True by default.
        """
        check_is_fitted(self)
        count = whole_number("n", n, 1)
        (row,) = positions(self.user_ids_, plain_ids([user], "user"), "user")
        table, means = self._table, self._table.means
        if row >= 0 and means.seen_rows[row]:
            found = table.row(table.left[row], float(means.rows[row]))
        else:
            found = means.mean + means.columns
        allowed = np.ones(found.size, bool)
        if exclude_seen and row >= 0:
            allowed[self._ratings.columns[self._ratings.rows == row]] = False
        best = np.flatnonzero(allowed)[np.argsort(-found[allowed], kind="stable")[:count]]
        ratings = found[best] if self._clip is None else np.clip(found[best], *self._clip)
        return self.item_ids_[best], ratings

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the root mean square error on ratings; greater is better."""
        check_is_fitted(self)
        ratings = self._read(X, y)
        return -root_mean_square(self.predict(ratings.users, ratings.items) - ratings.values)

    def _read(self, X: Any, y: Any) -> Triplets:
        return ratings_of(X, y, columns=self.columns, duplicates=self.duplicates)

    def _keep(self, table: CompletedTable, ratings: Triplets) -> None:
        """Set the attributes that new ratings change."""
        self._table, self._ratings = table, ratings
        self.user_ids_, self.item_ids_ = np.asarray(ratings.row_ids), np.asarray(ratings.column_ids)
        self.user_factors_, self.item_factors_ = table.left, table.right
        self.mean_, self.centered_ = table.means.mean, table.centered
        self.user_means_, self.item_means_ = table.means.rows, table.means.columns

    def _of_known_items(self, new: Triplets, known: np.ndarray) -> Triplets:
        """The new ratings of known items, with the ids of the known items alone."""
        if not known.any():
            raise InputError("No rating is of a known item; fit again, or call partial_fit.")
        columns = positions(self.item_ids_, new.column_ids, "item")[new.columns[known]]
        return Triplets(new.rows[known], columns, new.values[known], new.row_ids, self.item_ids_)

    def _touched(self, ratings: Triplets, new: Triplets) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the users and of the items of new ratings among all; unknown items are left out."""
        rows, columns = positions(ratings.row_ids, new.users, "user"), positions(ratings.column_ids, new.items, "item")
        return rows[rows >= 0], columns[columns >= 0]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False  # not a matrix of samples and features
        return tags
