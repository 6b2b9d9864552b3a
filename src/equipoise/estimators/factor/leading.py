"""The leading singular triplets of a matrix, and what they leave out, right to the precision that a result needs."""

import math
from typing import Any

import numpy as np
import scipy.sparse
from jaxtyping import Float

from equipoise.problems import AbstractTarget, Dense, Sparse
from equipoise.problems.block_krylov import Leading, by_block_krylov

ACCURACY = 1e-7
"""The bound on the distance from the best approximation, relative to its norm."""

_SMALL = 4
_OVERSAMPLES = 10
_CANCELS = 1e-6
_CHUNK = 2**24


def leading_triplets(target: AbstractTarget, rank: int, kept: int) -> tuple[Leading, float]:
    """The leading `kept` triplets, of which `rank` are exact to `ACCURACY`, and Σ σ² of all others.

    A full singular value decomposition if one side of the matrix is short, else the block Krylov method.
    """
    matrix = as_numpy(target)
    norm = _norm(matrix)
    if min(matrix.shape) <= _SMALL * (rank + _OVERSAMPLES):
        return _by_svd(matrix, rank, kept, norm)
    found = by_block_krylov(matrix, rank, kept, norm, ACCURACY)
    rest = norm**2 - float(np.sum(found.triplets[1] ** 2))
    return found, rest if rest > _CANCELS * norm**2 else _squared_distance(matrix, found)


def _by_svd(matrix: Any, rank: int, kept: int, norm: float) -> tuple[Leading, float]:
    dense = matrix.toarray() if scipy.sparse.issparse(matrix) else matrix
    a, s, bt = np.linalg.svd(dense, full_matrices=False)
    exact = np.zeros(rank)
    found = Leading((a[:, :kept], s[:kept], bt[:kept].T), norm, _number(s, rank), exact, 0.0, 0)
    return found, float(np.sum(s[kept:] ** 2))


def _number(values: Float[np.ndarray, " k"], index: int) -> float:
    return float(values[index]) if values.size > index else 0.0


def as_numpy(target: AbstractTarget) -> Any:
    """The matrix as NumPy or SciPy multiplies it."""
    if isinstance(target, Sparse):
        places = np.asarray(target.rows), np.asarray(target.columns)
        return scipy.sparse.csr_array((np.asarray(target.values), places), shape=target.size)
    return np.asarray(target.entries if isinstance(target, Dense) else target.dense())


def _norm(matrix: Any) -> float:
    return float(np.linalg.norm(matrix.data if scipy.sparse.issparse(matrix) else matrix))


def _squared_distance(matrix: Any, found: Leading) -> float:
    """‖M − A diag(s) Bᵀ‖²_F by its entries, some rows at a time, since a difference of squares would cancel."""
    a, s, b = found.triplets
    rows, total = max(1, _CHUNK // matrix.shape[1]), 0.0
    for first in range(0, matrix.shape[0], rows):
        part: Any = matrix[first : first + rows]
        part = part.toarray() if scipy.sparse.issparse(part) else part
        total += float(np.linalg.norm(part - (a[first : first + rows] * s) @ b.T)) ** 2
    return total


def relative(squares: float, norm: float) -> float:
    """√squares/norm."""
    return math.sqrt(max(squares, 0.0)) / norm
