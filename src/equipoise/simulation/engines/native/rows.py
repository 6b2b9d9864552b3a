"""The target of a factorization as the compiled code reads it: matrices by their rows."""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from equipoise.machine.native import compiled
from equipoise.problems.matrices import AbstractTarget, Dense, LowRank, Sparse

DENSE_FROM = 0.5
"""The share of non-zero entries from which on a matrix is kept dense."""


class Stages(NamedTuple):
    """M as a product of matrices, the one applied last first: `forward` for M V, `backward` for Mᵀ U."""

    forward: list[Any]
    backward: list[Any]


def stages_of(target: AbstractTarget, dtype: np.dtype) -> Stages:
    """The target in one stage by its entries, or in two by its factors if that takes less work."""
    factors = _factors(target)
    if factors is None or sum(_work(part) for part in factors) >= _work(whole := factors[0] @ factors[-1]):
        single = whole if factors is not None else _entries(target)
        return Stages([_rows(single, dtype)], [_rows(single.T, dtype)])
    left, right = factors
    return Stages([_rows(left, dtype), _rows(right, dtype)], [_rows(right.T, dtype), _rows(left.T, dtype)])


def _factors(target: AbstractTarget) -> tuple[Any, Any] | None:
    """(L, Rᵀ) of a target in factors, None for another."""
    if not isinstance(target, LowRank):
        return None
    return np.asarray(target.left), np.asarray(target.right).T


def _entries(target: AbstractTarget) -> Any:
    """The target as a dense or a sparse matrix."""
    if isinstance(target, Sparse):
        places = np.asarray(target.rows), np.asarray(target.columns)
        return scipy.sparse.csr_array((np.asarray(target.values), places), shape=target.size)
    if isinstance(target, Dense):
        return np.asarray(target.entries)
    raise TypeError(f"{type(target).__name__} has no rows to read.")


def _work(matrix: Any) -> int:
    """The number of multiplications for each column of a product with the matrix."""
    return int(np.count_nonzero(matrix)) if isinstance(matrix, np.ndarray) else int(matrix.nnz)


def _rows(matrix: Any, dtype: np.dtype) -> Any:
    """The matrix for the compiled code; zeros are left out if there are many."""
    module = compiled()
    assert module is not None
    make = module.Matrix64 if dtype == np.float64 else module.Matrix32
    height, width = matrix.shape
    if isinstance(matrix, np.ndarray) and _work(matrix) > DENSE_FROM * matrix.size:
        values = np.ascontiguousarray(matrix, dtype).ravel()
        return make(np.empty(0, np.int64), np.empty(0, np.int32), values, height, width)
    sparse = scipy.sparse.csr_array(matrix)
    parts = sparse.indptr.astype(np.int64), sparse.indices.astype(np.int32), sparse.data.astype(dtype)
    return make(*parts, height, width)
