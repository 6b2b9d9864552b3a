"""Matrices with missing entries as scikit-learn's users hold them: NaN, masked, data frames, sparse."""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse
from jaxtyping import Bool, Float64
from sklearn.utils.validation import validate_data

from equipoise.core.errors import InputError


class Observed(NamedTuple):
    """A matrix with missing entries.

    - `values`: its entries; NaN where missing.
    - `known`: where they are known.
    """

    values: Float64[np.ndarray, "rows columns"]
    known: Bool[np.ndarray, "rows columns"]


def observed(estimator: Any, X: Any, *, reset: bool) -> Observed:
    """The entries of `X`, checked by scikit-learn: NaN, masked, and in a sparse matrix not stored are missing.

    - `estimator`: the estimator that gets `X`, which learns (`reset`) or checks the number and names of its columns.

    Raises a ValueError for infinite entries and wrong numbers of columns, and `InputError` if memory is short.
    """
    plain = np.ma.filled(X.astype(np.float64), np.nan) if isinstance(X, np.ma.MaskedArray) else X
    matrix = validate_data(
        estimator,
        plain,
        reset=reset,
        dtype=np.float64,
        accept_sparse=("csr", "csc", "coo"),
        ensure_all_finite="allow-nan",
    )
    values = _with_nan(matrix) if scipy.sparse.issparse(matrix) else matrix
    return Observed(values, ~np.isnan(values))


def _with_nan(matrix: Any) -> Float64[np.ndarray, "rows columns"]:
    """A sparse matrix as an array with NaN where nothing is stored; what is stored at one place twice is summed."""
    stored = scipy.sparse.csr_array(matrix)
    stored.sum_duplicates()
    try:
        values = np.full(stored.shape, np.nan)
    except MemoryError as error:
        raise InputError(
            f"A filled matrix of {stored.shape[0]} x {stored.shape[1]} does not fit in memory; give it to "
            "RatingsFactorization, which predicts single entries."
        ) from error
    rows = np.repeat(np.arange(stored.shape[0]), np.diff(stored.indptr))
    values[rows, stored.indices] = stored.data
    return values
