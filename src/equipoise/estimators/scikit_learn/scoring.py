"""A scorer of imputers: entries are hidden, and compared with what is filled in."""

from typing import Any

import numpy as np
import scipy.sparse
from sklearn.pipeline import Pipeline

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.estimators.complete.scores import root_mean_square
from equipoise.estimators.scikit_learn.endings import seed_of
from equipoise.estimators.scikit_learn.splitting import split_matrix


class EntryScorer:
    """Minus the root mean square error on hidden entries, for `scoring=` of scikit-learn's searches over an imputer.

    Some known entries of the rows to score are hidden, the fitted imputer fills them in from the others of their row,
    and the two are compared. Greater is better, so the error is negative. Of a pipeline the last step is judged, in the
    units of what reaches it, so that a scaling before it makes columns of different units comparable.

    - `hold_out`: the share of the known entries to hide; 0.1 by default.
    - `random_state`: the seed of the random choice; 0 by default, so that all candidates are judged by the same ones.
    """

    def __init__(self, hold_out: Any = 0.1, *, random_state: Any = 0) -> None:
        self.hold_out = hold_out
        self.random_state = random_state

    def __call__(self, estimator: Any, X: Any, y: Any = None) -> float:
        """The score of a fitted imputer, or of a pipeline that ends with one, on the known entries of `X`.

        `y` is not used. Raises `InputError` if the imputer changes columns or known entries, or leaves one missing.
        """
        if isinstance(estimator, Pipeline):
            X, estimator = estimator[:-1].transform(X), estimator[-1]
        share = real_number("hold_out", self.hold_out, above=0, below=1, hint="the share hidden")
        given, hidden = split_matrix(X, share, seed_of(self.random_state))
        rows, columns, values = _entries(hidden)
        filled = estimator.transform(given)
        filled = filled.toarray() if scipy.sparse.issparse(filled) else np.asarray(filled, float)
        if filled.shape != given.shape:
            raise InputError(
                f"The imputer gives {filled.shape[1]} columns for {given.shape[1]}, so entries cannot be compared; "
                "pass keep_empty_features=True, and only imputers that keep the columns."
            )
        known = _entries(given)
        if not np.array_equal(filled[known[:2]], known[2]):
            raise InputError("The last step changes entries that are known, so it is no imputer to be scored.")
        differences = filled[rows, columns] - values
        if np.isnan(differences).any():
            raise InputError("The imputer has left an entry without a number, so that it cannot be compared.")
        return -root_mean_square(differences)


def _entries(matrix: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows, columns, values) of the entries that are there."""
    if scipy.sparse.issparse(matrix):
        stored = scipy.sparse.coo_array(matrix)
        return *(np.asarray(index) for index in stored.coords), stored.data
    values = np.ma.filled(matrix, np.nan) if isinstance(matrix, np.ma.MaskedArray) else np.asarray(matrix, float)
    rows, columns = np.nonzero(~np.isnan(values))
    return rows, columns, values[rows, columns]
