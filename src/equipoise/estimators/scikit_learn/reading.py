"""Ratings as people hold them: an array or a frame of triplets, three arrays, or a sparse matrix."""

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
from jaxtyping import Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.datasets import Triplets, triplets_from_frame, triplets_from_matrix
from equipoise.datasets.options import Duplicates

_NAMES = ("user", "item", "rating")
_WIDTHS = (2, 3)


def ratings_of(X: Any, y: Any = None, *, columns: Any = None, duplicates: Duplicates = "error") -> Triplets:
    """The ratings of users (rows) for items (columns); raises `InputError` for what holds none.

    - `X`: an array (m x 3) of user, item, rating, or (m x 2) if `y` has the ratings; a tuple of three arrays; a data
      frame of pandas or polars with titles; a sparse matrix, of which the stored entries are ratings; or `Triplets`.
    - `y`: the ratings, if `X` is without.
    - `columns`: the titles of users, items and ratings in a data frame; by default the titles tell.
    - `duplicates`: what to do with two ratings of one item by one user; as in `read_triplets`.
    """
    if isinstance(X, Triplets):
        return X
    if scipy.sparse.issparse(X):
        return triplets_from_matrix(X)
    if hasattr(X, "columns") and y is None:
        return triplets_from_frame(X, columns=columns, duplicates=duplicates)
    users, items, ratings = _parts(X, y)
    table = {"user": plain_ids(users, "user"), "item": plain_ids(items, "item"), "rating": _numbers(ratings)}
    if len({column.size for column in table.values()}) > 1:
        sizes = ", ".join(f"{column.size} {name}s" for name, column in table.items())
        raise InputError(f"There are {sizes}; give one of each for every rating.")
    return triplets_from_frame(pd.DataFrame(table), columns=_NAMES, duplicates=duplicates)


def pairs_of(X: Any, items: Any = None) -> tuple[Shaped[np.ndarray, " pairs"], Shaped[np.ndarray, " pairs"]]:
    """(users, items) to predict: two arrays, or the first two columns of a table."""
    if items is None:
        users, items = _columns(X)[:2]
    else:
        users = X
    users, items = plain_ids(users, "user"), plain_ids(items, "item")
    if users.size != items.size:
        raise InputError(f"There are {users.size} users and {items.size} items; give one of each for every prediction.")
    return users, items


def plain_ids(given: Any, which: str) -> Shaped[np.ndarray, " ids"]:
    """Ids as whole numbers or as text; raises `InputError` for what mixes both, and for other numbers."""
    ids = np.atleast_1d(np.asarray(given))
    if ids.ndim != 1:
        raise InputError(f"The {which}s have shape {ids.shape}; give a sequence of ids.")
    if ids.dtype.kind == "O" and ids.size and not any(isinstance(one, str) for one in ids.tolist()):
        ids = _floats(ids, which)
    if ids.dtype.kind == "f":
        if not (np.isfinite(ids).all() and (ids == np.floor(ids)).all() and (np.abs(ids) < 2**53).all()):
            raise InputError(f"An id of a {which} is a number with decimals or missing; give whole numbers or text.")
        return ids.astype(np.int64)
    if ids.dtype.kind in "iu":
        return ids.astype(np.int64)
    if ids.dtype.kind == "U" or (ids.dtype.kind == "O" and all(isinstance(one, str) for one in ids.tolist())):
        return ids.astype(object)
    if not ids.size:
        return ids.astype(np.int64)
    raise InputError(f"The ids of the {which}s are neither all whole numbers nor all text; make them one or the other.")


def check_kind(which: str, known: Shaped[np.ndarray, " known"], ids: Shaped[np.ndarray, " ids"]) -> None:
    """Raise `InputError` if one side has whole numbers and the other text."""
    if ids.size and (known.dtype.kind in "iu") != (ids.dtype.kind in "iu"):
        kinds = ("whole numbers", "text") if known.dtype.kind in "iu" else ("text", "whole numbers")
        raise InputError(f"The ids of the {which}s are {kinds[0]} in the fit, and {kinds[1]} here; convert them.")


def _parts(X: Any, y: Any) -> tuple[Any, Any, Any]:
    """(users, items, ratings) of an array, a frame beside `y`, or a tuple."""
    if isinstance(X, tuple) and len(X) == 3 and y is None:
        return X
    columns = _columns(X)
    if len(columns) == 2 and y is None:
        raise InputError("There are users and items without ratings; give them as a third column, or as y.")
    return columns[0], columns[1], columns[2] if y is None else y


def _columns(X: Any) -> tuple[Any, ...]:
    """The two or three columns of a table."""
    if hasattr(X, "columns"):
        return tuple(X[name] for name in X.columns[:3])
    try:
        table = np.asarray(X) if hasattr(X, "dtype") else np.array(X, dtype=object)
    except ValueError as error:
        raise InputError("The ratings are no table; give one row (user, item, rating) for each.") from error
    if table.ndim != 2 or table.shape[1] not in _WIDTHS:
        raise InputError(
            f"The ratings have shape {table.shape}; give one row (user, item, rating) for each, a sparse matrix, or a "
            "data frame with titles. LowRankImputer takes a matrix with NaN."
        )
    return tuple(table[:, k] for k in range(table.shape[1]))


def _numbers(ratings: Any) -> np.ndarray:
    try:
        return np.asarray(ratings, dtype=np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise InputError("A rating is not a number; leave out what is not rated.") from error


def _floats(ids: Shaped[np.ndarray, " ids"], which: str) -> np.ndarray:
    try:
        return ids.astype(np.float64)
    except (TypeError, ValueError) as error:
        example = excerpt(str(ids[0]))
        raise InputError(f"The ids of the {which}s, such as {example}, are neither whole numbers nor text.") from error
