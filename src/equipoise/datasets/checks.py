"""What every matrix must be before it is used: two-dimensional, real, not empty, finite."""

from typing import Any, Literal, TypeAlias

import numpy as np
import scipy.sparse
from jaxtyping import Float64

from equipoise.core.errors import InputError
from equipoise.datasets.wording import excerpt, reason

Matrix: TypeAlias = Float64[np.ndarray, "rows columns"] | scipy.sparse.csr_array

# A csr_array has one index a row, however few its entries: 1e8 rows take up to 0.8 GB.
_MOST_SPARSE_ROWS = 100_000_000


def finite_matrix(matrix: Any, name: str, missing: Literal["error", "allowed"] = "error") -> Matrix:
    """Return `matrix` (dense or sparse, of any real type) in float64; sparse becomes a clean csr_array.

    Duplicate entries of a sparse matrix are summed. `name` opens the messages: the path of a file, or a word
    for a matrix in memory. What is float64 already is not copied, and `matrix` itself never changes. Raises
    `InputError` unless it has two dimensions, at least one row and one column, and finite real numbers, or
    NaN if `missing` is "allowed"; messages count rows and columns from 1.
    """
    check_missing(missing)
    with np.errstate(all="ignore"):
        if scipy.sparse.issparse(matrix):
            return _finite_sparse(_compressed_rows(matrix, name), name, missing)
        return _finite_dense(_dense(matrix, name), name, missing)


def check_missing(missing: str) -> None:
    """Raise `InputError` unless the option says what to do with missing entries."""
    if missing not in ("error", "allowed"):
        raise InputError(f"missing is {missing!r}; it must be 'error' or 'allowed'.")


def check_layout(shape: tuple[int, ...], dtype: np.dtype, name: str) -> None:
    """Raise `InputError` unless an array of this shape and type is a matrix of real numbers."""
    if dtype.kind == "c":
        raise InputError(f"{name} holds complex numbers; give its real or imaginary part, a matrix of real numbers.")
    if dtype.hasobject:
        raise InputError(f"{name} holds Python objects, which are never loaded; convert it to float64 first.")
    if dtype.kind not in "biuf":
        raise InputError(f"{name} holds entries of type {excerpt(str(dtype))}, not numbers; convert it to float64.")
    if len(shape) != 2:
        raise InputError(f"{name} has shape {shape}, but a matrix has two dimensions; reshape it to (rows, columns).")
    if min(shape) < 1:
        raise InputError(f"{name} has shape {shape}, so it holds no entries; give at least one row and one column.")


def _dense(matrix: Any, name: str) -> Float64[np.ndarray, "rows columns"]:
    if np.ma.is_masked(matrix):
        raise InputError(f"{name} has masked entries; fill them with numbers first, for example by .filled(0).")
    try:
        array = np.asarray(matrix)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} cannot be made an array ({reason(error)}); give rows of equal length.") from error
    check_layout(array.shape, array.dtype, name)
    return np.asarray(array, dtype=np.float64)


def _compressed_rows(matrix: Any, name: str) -> scipy.sparse.csr_array:
    check_layout(matrix.shape, matrix.dtype, name)
    if matrix.shape[0] > _MOST_SPARSE_ROWS:
        limit = f"{_MOST_SPARSE_ROWS:,}"
        raise InputError(f"{name} has {matrix.shape[0]:,} rows, more than {limit}; drop the rows without entries.")
    if matrix.format in ("csr", "csc", "bsr"):
        _check_indices(matrix, name)
    # float64 comes first, so that duplicates add up as real numbers and not as small integers or booleans
    rows = scipy.sparse.csr_array(matrix.astype(np.float64, copy=False))
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def _check_indices(matrix: Any, name: str) -> None:
    """Raise `InputError` if compressed indices point outside the matrix; scipy's C code would follow them."""
    try:
        if np.any(matrix.indptr[1:] < matrix.indptr[:-1]):  # differences, as scipy's check takes, overflow
            raise ValueError("index pointers decrease")
        type(matrix)(matrix).check_format(full_check=True)  # a shallow copy, as the check may tidy it
    except ValueError as error:
        raise InputError(f"{name} has broken sparse indices ({reason(error)}); build or save it again.") from error


def _finite_dense(
    array: Float64[np.ndarray, "rows columns"], name: str, missing: str
) -> Float64[np.ndarray, "rows columns"]:
    sound = _sound(array, missing)
    if not sound.all():
        row, column = np.unravel_index(np.argmin(sound), array.shape)
        raise _not_finite(array, int(row), int(column), name, missing)
    return array


def _finite_sparse(matrix: scipy.sparse.csr_array, name: str, missing: str) -> scipy.sparse.csr_array:
    sound = _sound(matrix.data, missing)
    if not sound.all():
        entry = np.argmin(sound)
        row = np.searchsorted(matrix.indptr, entry, side="right") - 1
        raise _not_finite(matrix.data, int(row), int(matrix.indices[entry]), name, missing)
    return matrix


def _sound(entries: np.ndarray, missing: str) -> np.ndarray:
    return ~np.isinf(entries) if missing == "allowed" else np.isfinite(entries)


def _not_finite(entries: np.ndarray, row: int, column: int, name: str, missing: str) -> InputError:
    nans, infinities = int(np.isnan(entries).sum()), int(np.isinf(entries).sum())
    found, remedy = f"{nans} NaN and {infinities} infinite entries", "or drop their rows or columns"
    if missing == "allowed":
        found, remedy = f"{infinities} infinite entries", "or by NaN where they are missing"
    return InputError(
        f"{name} has {found}, the first in row {row + 1}, column {column + 1} of the matrix "
        f"(counted from 1); replace them by finite numbers, {remedy}."
    )
