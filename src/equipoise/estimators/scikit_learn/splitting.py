"""One split of the entries of a matrix or a table of ratings."""

from typing import Any

import numpy as np
import scipy.sparse
from jaxtyping import Bool, Shaped
from sklearn.utils import _safe_indexing

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.estimators.scikit_learn.endings import seed_of
from equipoise.estimators.scikit_learn.folds import first_column, spread

MATRIX, TRIPLETS = "matrix", "triplets"


def entry_train_test_split(
    X: Any, *, kind: str | None = None, test_size: Any = 0.1, random_state: Any = 0
) -> tuple[Any, Any]:
    """Split into (training, test) by entries, not by rows; both are of the type of `X`.

    - `X`: a matrix, of which the parts have the shape and NaN, or nothing stored, in place of the other part's entries;
      or a table of ratings (m x 3), of which the parts have some rows each.
    - `kind`: "matrix" or "triplets"; by default a matrix if `X` is sparse or masked or has other than three columns.
    - `test_size`: the share of the known entries for the test; 0.1 by default.
    - `random_state`: the seed of the random choice; 0 by default.

    Each row or user has its share of the test, up to one entry. Raises `InputError` if a part would be empty.
    """
    share, seed = real_number("test_size", test_size, above=0, below=1), seed_of(random_state)
    if kind not in (None, MATRIX, TRIPLETS):
        raise InputError(f"kind is {kind!r}; it must be 'matrix' or 'triplets'.")
    if (kind or _kind_of(X)) == TRIPLETS:
        held = _held(first_column(X), share, seed)
        return _safe_indexing(X, np.flatnonzero(~held)), _safe_indexing(X, np.flatnonzero(held))
    return split_matrix(X, share, seed)


def split_matrix(X: Any, share: float, seed: int) -> tuple[Any, Any]:
    """(training, test) of a matrix with missing entries."""
    if scipy.sparse.issparse(X):
        stored = scipy.sparse.coo_array(X)
        held = _held(np.asarray(stored.coords[0]), share, seed)
        return _stored(stored, ~held), _stored(stored, held)
    values = np.ma.filled(np.ma.asarray(X).astype(float), np.nan) if isinstance(X, np.ma.MaskedArray) else _numbers(X)
    rows, columns = np.nonzero(~np.isnan(values))
    held = _held(rows, share, seed)
    training, test = values.copy(), np.full_like(values, np.nan)
    training[rows[held], columns[held]] = np.nan
    test[rows[held], columns[held]] = values[rows[held], columns[held]]
    return _like(X, training), _like(X, test)


def _kind_of(X: Any) -> str:
    other = scipy.sparse.issparse(X) or isinstance(X, np.ma.MaskedArray)
    return MATRIX if other or np.shape(X)[1:] != (3,) else TRIPLETS


def _held(groups: Shaped[np.ndarray, " entries"], share: float, seed: int) -> Bool[np.ndarray, " entries"]:
    """Which entries are for the test: of each group its share, up to one."""
    ranks = spread(groups, seed)
    held = np.floor((ranks + 1) * share) > np.floor(ranks * share)
    if held.all() or not held.any():
        raise InputError(
            f"A share of {share:g} of {held.size} entries leaves one part empty; give more entries or another share."
        )
    return held


def _stored(matrix: scipy.sparse.coo_array, chosen: Bool[np.ndarray, " entries"]) -> scipy.sparse.csr_array:
    places = tuple(np.asarray(index)[chosen] for index in matrix.coords)
    return scipy.sparse.csr_array((matrix.data[chosen], places), shape=matrix.shape)


def _numbers(X: Any) -> np.ndarray:
    try:
        values = X.to_numpy(dtype=float, na_value=np.nan) if hasattr(X, "iloc") else np.asarray(X, float)
    except (TypeError, ValueError) as error:
        raise InputError("The matrix holds more than numbers and NaN; leave out other columns.") from error
    if values.ndim != 2:
        raise InputError(f"The matrix has shape {values.shape}; give one of two dimensions.")
    return values


def _like(X: Any, values: np.ndarray) -> Any:
    """The values as `X` has them: a data frame of pandas, a masked array, or an array."""
    if hasattr(X, "iloc"):
        return type(X)(values, index=X.index, columns=X.columns)
    return np.ma.masked_invalid(values) if isinstance(X, np.ma.MaskedArray) else values
