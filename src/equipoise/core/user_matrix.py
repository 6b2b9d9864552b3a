"""Checks of a user's matrix, dense or sparse, before anything is computed with it."""

from typing import Any, Literal, TypeAlias

import numpy as np
import scipy.sparse
from jaxtyping import DTypeLike, Float, Float64, Int

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, reason

Matrix: TypeAlias = Float64[np.ndarray, "rows columns"] | scipy.sparse.csr_array
"""A dense matrix, or a sparse one in compressed rows."""

Missing: TypeAlias = Literal["error", "allowed"]
"""Whether NaN may mark an unknown entry."""

# A csr_array stores an index for each row, even without entries: 1e8 rows take up to 0.8 GB.
_MOST_SPARSE_ROWS = 100_000_000


def finite_matrix(
    matrix: Any,
    name: str,
    missing: Missing = "error",
    *,
    counted_from: Literal[0, 1] = 1,
    dtype: DTypeLike = np.float64,
    copy: bool = False,
) -> Float[np.ndarray, "rows columns"] | scipy.sparse.csr_array:
    """Return `matrix`, checked: a dense one as an array, a sparse one as a csr_array, sorted and without duplicates.

    - `matrix`: anything that NumPy can turn into a matrix of real numbers, or a SciPy sparse matrix. It is never
      changed. Duplicate entries of a sparse matrix are summed in float64.
    - `name`: its name in messages: the path of a file, or words such as "The matrix".
    - `missing`: whether NaN is an "error" or is "allowed" for unknown entries; "error" by default.
    - `counted_from`: whether messages count rows and columns from 1, as in a file, or from 0; 1 by default.
    - `dtype`: the precision of the result; float64 by default.
    - `copy`: whether to copy data that has this precision already; False by default.

    Raises `InputError` unless it has two dimensions, at least one row and one column, and finite real numbers.
    """
    check_missing(missing)
    with np.errstate(all="ignore"):
        if scipy.sparse.issparse(matrix):
            rows = _compressed_rows(matrix, name).astype(dtype, copy=copy)
            _check_stored(rows, name, missing, counted_from)
            return rows
        array = _dense(matrix, name).astype(dtype, copy=copy)
        _check_dense(array, name, missing, counted_from)
        return array


def known_entries(
    matrix: Matrix, name: str
) -> tuple[Int[np.ndarray, " entries"], Int[np.ndarray, " entries"], Float64[np.ndarray, " entries"]]:
    """Return (rows, columns, values) of the known entries, row by row: not NaN if dense, stored if sparse.

    Raises `InputError` if no entry is known.
    """
    if scipy.sparse.issparse(matrix):
        rows, columns, values = stored_entries(matrix)
    else:
        rows, columns = np.nonzero(~np.isnan(matrix))
        values = matrix[rows, columns]
    if not values.size:
        raise InputError(f"{name} has no known entry; give at least one number.")
    return rows, columns, values


def stored_entries(
    matrix: scipy.sparse.csr_array,
) -> tuple[Int[np.ndarray, " entries"], Int[np.ndarray, " entries"], Float[np.ndarray, " entries"]]:
    """Return (rows, columns, values) of the entries stored in a clean csr_array, row by row; only `rows` is a copy."""
    rows = np.repeat(np.arange(matrix.shape[0], dtype=matrix.indices.dtype), np.diff(matrix.indptr))
    return rows, matrix.indices, matrix.data


def check_missing(missing: str) -> None:
    """Raise `InputError` unless `missing` is "error" or "allowed"."""
    if missing not in ("error", "allowed"):
        raise InputError(f"missing is {missing!r}; it must be 'error' or 'allowed'.")


def check_layout(shape: tuple[int, ...], dtype: np.dtype, name: str) -> None:
    """Raise `InputError` unless an array of this shape and type is a matrix of real numbers."""
    if dtype.kind == "c":
        raise InputError(f"{name} holds complex numbers; give its real or imaginary part, a matrix of real numbers.")
    if dtype.hasobject:
        raise InputError(f"{name} holds Python objects, which are never loaded; convert it to float64 first.")
    if dtype.kind not in "biuf" and not np.can_cast(dtype, np.float64):  # bfloat16 and the like can
        raise InputError(f"{name} holds entries of type {excerpt(str(dtype))}, not numbers; convert it to float64.")
    if len(shape) != 2:
        raise InputError(f"{name} has shape {shape}, but a matrix has two dimensions; reshape it to (rows, columns).")
    if min(shape) < 1:
        raise InputError(f"{name} has shape {shape}, so it holds no entries; give at least one row and one column.")


def _dense(matrix: Any, name: str) -> np.ndarray:
    if np.ma.is_masked(matrix):
        raise InputError(f"{name} has masked entries; fill them with numbers first, for example by .filled(0).")
    try:
        array = np.asarray(matrix)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name} cannot be made an array ({reason(error)}); give rows of equal length.") from error
    check_layout(array.shape, array.dtype, name)
    return array


def _compressed_rows(matrix: Any, name: str) -> scipy.sparse.csr_array:
    """Return `matrix` as a csr_array in float64, sorted and without duplicates; not copied if it is one already."""
    check_layout(matrix.shape, matrix.dtype, name)
    if matrix.shape[0] > _MOST_SPARSE_ROWS:
        limit = f"{_MOST_SPARSE_ROWS:,}"
        raise InputError(f"{name} has {matrix.shape[0]:,} rows, more than {limit}; drop the rows without entries.")
    if matrix.format in ("csr", "csc", "bsr"):
        _check_indices(matrix, name)
    # convert to float64 first, so that duplicates are not summed as small integers or booleans
    real = matrix.astype(np.float64, copy=False)
    rows = real if isinstance(real, scipy.sparse.csr_array) else scipy.sparse.csr_array(real)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def _check_indices(matrix: Any, name: str) -> None:
    """Raise `InputError` if compressed indices point outside the matrix; scipy's C code would follow them."""
    try:
        if np.any(matrix.indptr[1:] < matrix.indptr[:-1]):  # scipy's check takes differences, which overflow
            raise ValueError("index pointers decrease")
        type(matrix)(matrix).check_format(full_check=True)  # a shallow copy, because the check may change it
    except ValueError as error:
        raise InputError(f"{name} has broken sparse indices ({reason(error)}); build or save it again.") from error


def _check_dense(array: Float[np.ndarray, "rows columns"], name: str, missing: str, counted_from: int) -> None:
    sound = _sound(array, missing)
    if not sound.all():
        row, column = np.unravel_index(np.argmin(sound), array.shape)
        raise _not_finite(array, (int(row), int(column)), name, missing, counted_from)


def _check_stored(matrix: scipy.sparse.csr_array, name: str, missing: str, counted_from: int) -> None:
    sound = _sound(matrix.data, missing)
    if not sound.all():
        entry = np.argmin(sound)
        row = np.searchsorted(matrix.indptr, entry, side="right") - 1
        raise _not_finite(matrix.data, (int(row), int(matrix.indices[entry])), name, missing, counted_from)


def _sound(entries: np.ndarray, missing: str) -> np.ndarray:
    return ~np.isinf(entries) if missing == "allowed" else np.isfinite(entries)


def _not_finite(entries: np.ndarray, place: tuple[int, int], name: str, missing: str, counted_from: int) -> InputError:
    nans, infinities = int(np.isnan(entries).sum()), int(np.isinf(entries).sum())
    found, remedy = f"{nans} NaN and {infinities} infinite entries", "or drop their rows or columns"
    if missing == "allowed":
        found, remedy = f"{infinities} infinite entries", "or by NaN where they are missing"
    row, column = (index + counted_from for index in place)
    return InputError(
        f"{name} has {found}, the first in row {row}, column {column} of the matrix "
        f"(counted from {counted_from}); replace them by finite numbers, {remedy}."
    )
