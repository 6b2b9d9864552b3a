"""The leading singular triplets of a matrix, computed as suits its form."""

from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from jaxtyping import Float

from equipoise.core.seeds import generator

_LARGE, _FEW = 1000, 20

Triplets = tuple[Float[np.ndarray, "d1 k"], Float[np.ndarray, " k"], Float[np.ndarray, "d2 k"]]
"""(A, s, B) with W ≈ A diag(s) Bᵀ, s descending; the columns of A and B are orthonormal."""


def of_dense(array: Float[np.ndarray, "d1 d2"], rank: int) -> Triplets:
    """By a singular value decomposition, or by ARPACK for few triplets of a large matrix."""
    least = min(array.shape)
    if least >= _LARGE and _FEW * rank <= least and array.any():
        return _by_arpack(array, rank)
    a, s, bt = np.linalg.svd(array, full_matrices=False)
    return a[:, :rank], s[:rank], bt[:rank].T


def of_factors(left: Float[np.ndarray, "d1 j"], right: Float[np.ndarray, "d2 j"], rank: int) -> Triplets:
    """Of L Rᵀ by QR of each factor, without forming the product; there are at most j triplets."""
    q_left, r_left = np.linalg.qr(left)
    q_right, r_right = np.linalg.qr(right)
    a, s, bt = np.linalg.svd(r_left @ r_right.T)
    k = min(rank, s.size)
    return (q_left @ a)[:, :k], s[:k], (q_right @ bt.T)[:, :k]


def of_sparse(matrix: scipy.sparse.coo_array, rank: int) -> Triplets:
    """By ARPACK, except for a zero matrix, where ARPACK cannot start, and for many triplets, where it is slow."""
    if not matrix.data.any():
        return np.eye(matrix.shape[0], rank), np.zeros(rank), np.eye(matrix.shape[1], rank)
    sparse = matrix.tocsr()
    if rank >= min(matrix.shape) // 2:
        return of_dense(sparse.toarray(), rank)
    return _by_arpack(sparse, rank)


def _by_arpack(matrix: Any, rank: int) -> Triplets:
    """The leading triplets to full precision, descending."""
    start = generator(0).standard_normal(min(matrix.shape))
    a, s, bt = scipy.sparse.linalg.svds(matrix, k=rank, v0=start)
    order = np.argsort(-s)
    return a[:, order], s[order], bt[order].T
