"""Cross-validation over entries: each row of a table of ratings is in one test part."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.seeds import generator
from equipoise.estimators.scikit_learn.endings import seed_of


class EntryKFold:
    """K folds of the entries of a table of ratings (m x 2 or m x 3), for `cv=` of scikit-learn's searches.

    The entries of each user, which the first column names, are spread evenly over the folds at random, so that a user
    with two entries or more has training entries in every fold.

    - `n_splits`: K, 2 or greater; 5 by default.
    - `random_state`: the seed of the order of each user's entries; 0 by default.
    """

    def __init__(self, n_splits: Any = 5, *, random_state: Any = 0) -> None:
        self.n_splits = n_splits
        self.random_state = random_state

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """K."""
        return whole_number("n_splits", self.n_splits, 2)

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (training, test), the numbers of the rows of `X` in both parts; `y` and `groups` are not used.

        Raises `InputError` for what is no table of ratings, and for fewer entries than folds.
        """
        folds, users = self.get_n_splits(), first_column(X)
        if users.size < folds:
            raise InputError(f"There are {users.size} entries for {folds} folds; take fewer folds.")
        ranks = spread(users, seed_of(self.random_state))
        for fold in range(folds):
            held = ranks % folds == fold
            yield np.flatnonzero(~held), np.flatnonzero(held)


def first_column(X: Any) -> Shaped[np.ndarray, " entries"]:
    """The users of a table of ratings; raises `InputError` if it has other than two or three columns."""
    shape = getattr(X, "shape", None) or np.shape(X)
    if hasattr(X, "indptr") or len(shape) != 2 or (shape[1] not in (2, 3) and not hasattr(X, "columns")):
        raise InputError(
            f"This is no table of ratings but of shape {tuple(shape)}; give one row (user, item, rating) for each "
            "entry, or use entry_train_test_split and EntryScorer for a matrix."
        )
    return np.asarray(_safe_indexing(X, 0, axis=1)) if _num_samples(X) else np.zeros(0)


def spread(groups: Shaped[np.ndarray, " entries"], seed: int) -> Int64[np.ndarray, " entries"]:
    """Numbers from 0 to entries − 1, in a random order within each group, one group after the other."""
    _, numbers = np.unique(groups.astype(str) if groups.dtype.kind == "O" else groups, return_inverse=True)
    order = np.lexsort((generator(seed).random(numbers.size), numbers))
    ranks = np.empty(numbers.size, np.int64)
    ranks[order] = np.arange(numbers.size)
    return ranks
