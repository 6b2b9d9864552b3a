"""Front doors: problems by their everyday names."""

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
    """Find X (d1 x r) and Y (d2 x r) with XYᵀ = M: loss = scale · ‖XYᵀ − M‖²_F, `scale` = ½ by default.

    `matrix` is a dense array, a SciPy sparse array, or a pair (L, R) of factors with M = LRᵀ; a sparse or factored M
    is never formed. `signal` is the known optimum; without it, it is computed when an observable asks. The unit of X
    and Y is √[M]; a step size η for the ½ convention is η/(2 scale) here. Raises `InputError` for a matrix that is not
    two-dimensional, is empty or holds complex, NaN or infinite entries, for a rank outside 1 … min(d1, d2), and for a
    `dtype` other than float64 and float32.
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
) -> Factored:
    """A factorization problem whose optimum is known: M = A diag(values) Bᵀ of rank `rank`, kept in factors.

    `values` are the singular values, all 1 by default. Without a `seed`, A and B are the first columns of the identity
    (the instances of Liu et al. (2021), Section 5); with one, they are drawn uniformly among orthonormal columns.
    `factors` is the number of columns of X and Y where it is not `rank`. Raises `InputError` for impossible sizes.
    """
    rank = _checked_rank(rank, shape)
    columns = rank if factors is None else _checked_rank(factors, shape)
    s = np.sort(np.ones(rank) if values is None else np.asarray(values, dtype=float))[::-1]
    if s.shape != (rank,) or not np.all(np.isfinite(s)) or not np.all(s > 0):
        raise InputError(f"values must be {rank} finite numbers greater than 0, one for each singular value.")
    left = orthonormal(shape[0], rank, seed, Stream.LEFT_BASIS)
    right = orthonormal(shape[1], rank, seed, Stream.RIGHT_BASIS)
    target = LowRank(left * np.sqrt(s), right * np.sqrt(s))
    return Factored(Full(target), Asymmetric((shape[0], shape[1]), columns), Signal(left, s, right))


def _as_matrix(matrix: Any, dtype: np.dtype) -> AbstractTarget:
    """A user's matrix as one of ours, checked."""
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
        raise InputError(f"The matrix is a tuple of {len(factors)}; pass an array, or a pair (L, R) of factors.")
    left, right = (dense_array(side, f"The factor {name}", dtype) for side, name in zip(factors, "LR", strict=True))
    if left.shape[1] != right.shape[1]:
        raise InputError(f"The factors of the matrix have {left.shape[1]} and {right.shape[1]} columns, not as many.")
    return LowRank(left, right)


def dense_array(matrix: Any, name: str, dtype: np.dtype, missing: Missing = "error") -> np.ndarray:
    """A copy of a user's dense matrix, checked; messages call it `name` and count from 0, as the user's code does."""
    if scipy.sparse.issparse(matrix):
        raise InputError(f"{name} is sparse, but is needed as a dense array; make it one by .toarray().")
    return finite_matrix(matrix, name, missing, counted_from=0, dtype=dtype, copy=True)


def checked_scale(scale: RealNumber) -> float:
    """`scale` as a float; `InputError` unless it is finite and greater than 0."""
    return positive_number("scale", scale, hint="½ gives the usual convention")


def _checked_rank(rank: int, shape: tuple[int, ...]) -> int:
    number = whole_number("The rank", rank, 1)
    if number > min(shape):
        raise InputError(
            f"The rank is {rank}, but a {shape[0]} x {shape[1]} matrix needs one between 1 and {min(shape)}."
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
