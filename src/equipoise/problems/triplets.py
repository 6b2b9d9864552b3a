"""The leading singular triplets of a matrix, by the way that suits its form."""

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from equipoise.core.precision import numerics
from equipoise.problems.matrices import AbstractTarget, Dense, LowRank, Sparse


def leading_triplets(matrix: AbstractTarget, rank: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(A, s, B) with W ≈ A diag(s) Bᵀ, s descending: by a dense SVD, by QR of factors, or by ARPACK if sparse."""
    if isinstance(matrix, LowRank):
        q_left, r_left = np.linalg.qr(np.asarray(matrix.left))
        q_right, r_right = np.linalg.qr(np.asarray(matrix.right))
        a, s, bt = np.linalg.svd(r_left @ r_right.T)
        left, right = q_left @ a, q_right @ bt.T
        k = min(rank, s.size)
        return left[:, :k], s[:k], right[:, :k]
    if isinstance(matrix, Sparse):
        return _leading_of_sparse(matrix, rank)
    if isinstance(matrix, Dense):
        return _leading_of_dense(np.asarray(matrix.entries), rank)
    with numerics():
        return _leading_of_dense(np.asarray(matrix.matmul(np.eye(matrix.shape[1]))), rank)


def _leading_of_dense(dense: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    a, s, bt = np.linalg.svd(dense, full_matrices=False)
    return a[:, :rank], s[:rank], bt[:rank].T


def _leading_of_sparse(matrix: Sparse, rank: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By ARPACK, which cannot start on a matrix of zeros and is made for few of many triplets."""
    entries = (np.asarray(matrix.values), (np.asarray(matrix.rows), np.asarray(matrix.columns)))
    sparse = scipy.sparse.coo_array(entries, shape=matrix.shape).tocsr()
    if not entries[0].any():
        return np.eye(matrix.shape[0], rank), np.zeros(rank), np.eye(matrix.shape[1], rank)
    if rank >= min(matrix.shape) // 2:
        return _leading_of_dense(sparse.toarray(), rank)
    start = np.random.default_rng(0).standard_normal(min(matrix.shape))
    a, s, bt = scipy.sparse.linalg.svds(sparse, k=rank, v0=start)
    order = np.argsort(-s)
    return a[:, order], s[order], bt[order].T
