"""Checks of a user's observations of a matrix: measurements, entries and data."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import scipy.sparse

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.places import repeated_places
from equipoise.core.precision import numerics
from equipoise.core.user_matrix import finite_matrix, known_entries, stored_entries
from equipoise.problems.constructors import dense_array
from equipoise.problems.operators import (
    AbstractOperator,
    DenseOperator,
    FunctionOperator,
    RankOneOperator,
    SparseOperator,
)

_SIDES = ("row", "column")


def as_operator(given: Any, shape: Sequence[int] | None, dtype: np.dtype) -> AbstractOperator:
    """The operator of the A_i, which are given in any form that `sensing` takes; checked, in precision `dtype`."""
    size = as_shape(shape)
    operator = _operator(given, size, dtype)
    if size is not None and operator.shape != size:
        raise InputError(
            f"The measurements are of matrices of shape {operator.shape}, but shape is {size}; leave shape out."
        )
    return operator


def as_shape(shape: Sequence[int] | None) -> tuple[int, int] | None:
    """(d1, d2) of a matrix, checked, or None if it is not given."""
    if shape is None:
        return None
    if len(shape) != 2:
        raise InputError(f"shape is {shape}; give the two numbers (d1, d2).")
    return whole_number("d1", shape[0], 1), whole_number("d2", shape[1], 1)


def _operator(given: Any, shape: tuple[int, int] | None, dtype: np.dtype) -> AbstractOperator:
    if isinstance(given, FunctionOperator):
        _check_functions(given, dtype)
    if isinstance(given, AbstractOperator):
        return jax.tree.map(lambda x: np.asarray(x, dtype) if np.issubdtype(x.dtype, np.floating) else x, given)
    if isinstance(given, tuple):
        if len(given) != 2:
            raise InputError(
                f"The measurements are a tuple of length {len(given)}; pass a pair of arrays for A_i = a_i b_iᵀ."
            )
        left, right = (
            dense_array(side, f"The array of the {name}_i", dtype) for side, name in zip(given, "ab", strict=True)
        )
        if left.shape[0] != right.shape[0]:
            raise InputError(
                f"There are {left.shape[0]} vectors a_i, but {right.shape[0]} vectors b_i; "
                "give the same number of both."
            )
        return RankOneOperator(left, right)
    if scipy.sparse.issparse(given):
        return _sparse_operator(given, shape, dtype)
    array = _real("The measurements are not arrays", given, dtype)
    if array.ndim != 3 or array.size == 0:
        raise InputError(f"The measurements have shape {array.shape}; pass an array m x d1 x d2, one for each A_i.")
    name = "The array of measurements, one A_i in each row,"
    rows = finite_matrix(array.reshape(array.shape[0], -1), name, counted_from=0, dtype=dtype)
    return DenseOperator(rows.reshape(array.shape))


def _check_functions(given: FunctionOperator, dtype: np.dtype) -> None:
    with numerics():
        seen = jax.eval_shape(given.forward, jax.ShapeDtypeStruct(given.shape, dtype)).shape
        back = jax.eval_shape(given.backward, jax.ShapeDtypeStruct((given.count,), dtype)).shape
    if (seen, back) != ((given.count,), given.shape):
        raise InputError(
            f"The functions forward and backward return shapes {seen} and {back}; they must return "
            f"{(given.count,)} and {given.shape}."
        )


def _sparse_operator(given: Any, shape: tuple[int, int] | None, dtype: np.dtype) -> SparseOperator:
    if given.ndim != 2 or shape is None or given.shape[0] == 0 or given.shape[1] != shape[0] * shape[1]:
        raise InputError(
            f"The sparse measurements have shape {given.shape}; pass shape=(d1, d2), and a row of d1 d2 numbers for "
            "each A_i."
        )
    name = "The sparse array of measurements, one A_i in each row,"
    clean = finite_matrix(given, name, counted_from=0, dtype=dtype, copy=True)
    index, place, values = stored_entries(clean)
    rows, columns = np.divmod(place, shape[1])
    i, j, k = (part.astype(np.int32) for part in (index, rows, columns))
    return SparseOperator(values, i, j, k, (shape[0], shape[1]), int(given.shape[0]))


def as_vector(data: Any, count: int, dtype: np.dtype) -> np.ndarray:
    """y as a vector of `count` finite numbers."""
    y = _real("The data is not a vector", data, dtype)
    if y.shape != (count,):
        raise InputError(f"The data has shape {y.shape}, but there are {count} measurements; give one number for each.")
    bad = np.flatnonzero(~np.isfinite(y))
    if bad.size:
        raise InputError(f"The data has {bad.size} NaN or infinite numbers, the first at {bad[0]}; leave them out.")
    return y


def _real(otherwise: str, given: Any, dtype: np.dtype) -> np.ndarray:
    """A copy of `given` as a real array; if that is impossible, `InputError` with a message that begins `otherwise`."""
    try:
        if np.iscomplexobj(given):
            raise TypeError("they are complex")
        return np.array(given, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise InputError(f"{otherwise} of real numbers ({error}).") from error


def as_entries(
    given: Any, shape: Sequence[int] | None, dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]:
    """(rows, columns, values, (d1, d2)), checked: every place lies in the matrix and is given once."""
    size = as_shape(shape)
    if not isinstance(given, tuple):
        return _seen_of(given, size, dtype)
    if len(given) != 3 or size is None:
        raise InputError("Give entries as (rows, columns, values) with shape=(d1, d2), or as a matrix with NaN.")
    rows, columns = (_indices(name, index, d) for name, index, d in zip(_SIDES, given[:2], size, strict=True))
    if rows.shape != columns.shape or rows.size == 0:
        raise InputError(
            f"There are {rows.size} row and {columns.size} column indices; give the same number of both, at least one."
        )
    values = as_vector(given[2], rows.size, dtype)
    again = repeated_places(rows, columns)
    if again.size:
        where = again[0, 0]
        raise InputError(f"Entry ({rows[where]}, {columns[where]}) is given more than once; give each entry once.")
    return rows, columns, values, size


def _seen_of(
    given: Any, shape: tuple[int, int] | None, dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]:
    """The entries of a matrix that are not NaN."""
    matrix = dense_array(given, "The matrix", np.dtype(float), "allowed")
    size = (matrix.shape[0], matrix.shape[1])
    if shape is not None and size != shape:
        raise InputError(f"The matrix has shape {size}, but shape is {shape}; leave shape out.")
    rows, columns, values = known_entries(matrix, "The matrix")
    return rows.astype(np.int32), columns.astype(np.int32), as_vector(values, rows.size, dtype), size


def _indices(name: str, given: Any, size: int) -> np.ndarray:
    index = np.asarray(given)
    if index.ndim != 1 or not np.issubdtype(index.dtype, np.integer):
        raise InputError(
            f"The {name} indices are of type {index.dtype} and shape {index.shape}; give a vector of whole numbers."
        )
    if index.size and not (index.min() >= 0 and index.max() < size):
        bad = index[(index < 0) | (index >= size)][0]
        raise InputError(f"There is no {name} {bad}: {name}s are counted from 0 to {size - 1}.")
    return index.astype(np.int32)
