"""Constructors of factorization problems by their everyday names."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from jaxtyping import DTypeLike, Float

from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.types import AnyArray, RealNumber
from equipoise.core.user_matrix import Missing, finite_matrix, stored_entries
from equipoise.problems.factored import Factored
from equipoise.problems.instances import orthonormal
from equipoise.problems.matrices import AbstractTarget, Dense, LowRank, Sparse
from equipoise.problems.measurements import Full
from equipoise.problems.parametrizations import Asymmetric
from equipoise.problems.seeds import Stream


def factorization(
    matrix: Any, rank: int, *, scale: RealNumber = 0.5, dtype: DTypeLike = np.float64, signal: Signal | None = None
) -> Factored:
    """A factorization problem: find X (d1 x r) and Y (d2 x r) with XYᵀ = M. loss = scale · ‖XYᵀ − M‖²_F.

    - `matrix`: M (d1 x d2) as a dense array, a SciPy sparse array, or a pair (L, R) of factors with M = LRᵀ. A sparse
      or factored M is never formed.
    - `rank`: the number r of columns of X and Y, from 1 to min(d1, d2).
    - `scale`: the factor in front of the squared norm; ½ by default. A step size η for ½ corresponds to η/(2 scale).
    - `dtype`: the precision, float64 or float32; float64 by default.
    - `signal`: the known optimum; by default it is computed when an observable needs it.

    The unit of X and Y is √[M]. Raises `InputError` for a matrix that is not two-dimensional, is empty or holds
    complex, NaN or infinite entries, for a rank out of range, and for another `dtype`.
    Source: Liu et al. (2021), Eq. (5).
    """
    target = _as_matrix(matrix, precision(dtype))
    rank = _checked_rank(rank, target.shape)
    return Factored(Full(target, checked_scale(scale)), Asymmetric(target.shape, rank), signal)


def valley() -> Factored:
    """The scalar valley (1 − xy)² of Liu et al. (2021), Figures 1, 4 and 5; note that it has no ½."""
    one = np.ones((1, 1))
    return factorization(one, rank=1, scale=1.0, signal=Signal(one, np.ones(1), one))


def planted(
    shape: tuple[int, int],
    rank: int,
    *,
    values: Sequence[RealNumber] | Float[AnyArray, " rank"] | None = None,
    seed: int | None = None,
    factors: int | None = None,
    dtype: DTypeLike = np.float64,
) -> Factored:
    """A factorization problem with a known optimum: M = A diag(values) Bᵀ, kept in factors. loss = ½ ‖XYᵀ − M‖²_F.

    - `shape`: (d1, d2) of M.
    - `rank`: the rank of M, from 1 to min(d1, d2).
    - `values`: the singular values of M, all greater than 0; all 1 by default.
    - `seed`: draws A and B uniformly among matrices with orthonormal columns. By default they are the first columns of
      the identity, as in the instances of Liu et al. (2021), Section 5.
    - `factors`: the number of columns of X and Y; `rank` by default.
    - `dtype`: the precision, float64 or float32; float64 by default.

    Raises `InputError` for sizes out of range, for values that are not `rank` numbers greater than 0, and for another
    `dtype`.
    """
    rank = _checked_rank(rank, shape)
    columns = rank if factors is None else _checked_rank(factors, shape)
    s = np.sort(np.ones(rank) if values is None else np.asarray(values, dtype=float))[::-1]
    if s.shape != (rank,) or not np.all(np.isfinite(s)) or not np.all(s > 0):
        raise InputError(f"values must be {rank} finite numbers greater than 0, one for each singular value.")
    left = orthonormal(shape[0], rank, seed, Stream.LEFT_BASIS)
    right = orthonormal(shape[1], rank, seed, Stream.RIGHT_BASIS)
    kind = precision(dtype)
    target = LowRank((left * np.sqrt(s)).astype(kind), (right * np.sqrt(s)).astype(kind))
    return Factored(Full(target), Asymmetric((shape[0], shape[1]), columns), Signal(left, s, right))


def _as_matrix(matrix: Any, dtype: np.dtype) -> AbstractTarget:
    """A user's matrix as an `AbstractTarget`, checked."""
    if isinstance(matrix, AbstractTarget):
        return matrix
    if scipy.sparse.issparse(matrix):
        return _as_sparse(matrix, dtype)
    if isinstance(matrix, tuple):
        return _as_factors(matrix, dtype)
    return Dense(dense_array(matrix, "The matrix", dtype))


def _as_sparse(matrix: Any, dtype: np.dtype) -> Sparse:
    clean = finite_matrix(matrix, "The matrix", counted_from=0, dtype=dtype, copy=True)
    rows, columns, values = stored_entries(clean)
    return Sparse(values, rows.astype(np.int32), columns.astype(np.int32), (clean.shape[0], clean.shape[1]))


def _as_factors(factors: tuple[Any, ...], dtype: np.dtype) -> LowRank:
    if len(factors) != 2:
        raise InputError(f"The matrix is a tuple of length {len(factors)}; pass an array, or a pair (L, R) of factors.")
    left, right = (dense_array(side, f"The factor {name}", dtype) for side, name in zip(factors, "LR", strict=True))
    if left.shape[1] != right.shape[1]:
        raise InputError(
            f"L has {left.shape[1]} columns and R has {right.shape[1]}; give both the same number, so that M = LRᵀ."
        )
    return LowRank(left, right)


def dense_array(matrix: Any, name: str, dtype: np.dtype, missing: Missing = "error") -> np.ndarray:
    """A copy of a user's dense matrix, checked; messages call it `name` and count from 0, as in the user's code."""
    if scipy.sparse.issparse(matrix):
        raise InputError(f"{name} is sparse, but a dense array is needed; convert it with .toarray().")
    return finite_matrix(matrix, name, missing, counted_from=0, dtype=dtype, copy=True)


def checked_scale(scale: RealNumber) -> float:
    """`scale` as a float; `InputError` unless it is finite and greater than 0."""
    return positive_number("scale", scale, hint="½ gives the usual convention")


def _checked_rank(rank: int, shape: tuple[int, ...]) -> int:
    number = whole_number("The rank", rank, 1)
    if number > min(shape):
        raise InputError(
            f"The rank is {rank}, but a {shape[0]} x {shape[1]} matrix needs a rank between 1 and {min(shape)}."
        )
    return number


def precision(dtype: DTypeLike) -> np.dtype:
    """float64 or float32; `InputError` for anything else."""
    try:
        found = np.dtype(dtype)
    except TypeError as error:
        raise InputError(f"There is no dtype {dtype!r}; use float64 or float32.") from error
    if found not in (np.float64, np.float32):
        raise InputError(f"The dtype is {found}; use float64 or float32.")
    return found
