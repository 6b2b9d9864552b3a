"""What is seen of a matrix W: the outer half of a problem."""

import abc

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from equipoise.core.precision import numerics
from equipoise.core.problem import Signal
from equipoise.core.types import Scalar
from equipoise.problems.matrices import (
    AbstractMatrix,
    AbstractTarget,
    Dense,
    Difference,
    LowRank,
    Sparse,
    dtype_of,
)


class AbstractMeasurement(eqx.Module):
    """A convex function of a d1 x d2 matrix W, and its gradient as a matrix."""

    @property
    @abc.abstractmethod
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of W."""

    @property
    @abc.abstractmethod
    def dtype(self) -> np.dtype:
        """The precision of the data."""

    @abc.abstractmethod
    def loss(self, product: LowRank) -> Scalar:
        """The objective at W."""

    @abc.abstractmethod
    def gradient(self, product: LowRank) -> AbstractMatrix:
        """The gradient with respect to W, as a matrix that can be multiplied without being formed."""

    @abc.abstractmethod
    def curvature_scale(self) -> float | None:
        """c if the Hessian with respect to W is c times the identity, else None."""

    @abc.abstractmethod
    def relative_error(self, product: LowRank) -> Scalar:
        """How far the measurements of W are from the data, relative to the data."""

    @abc.abstractmethod
    def signal(self, rank: int) -> Signal:
        """The leading `rank` singular triplets of the matrix sought."""


class Full(AbstractMeasurement):
    """Every entry is seen: loss(W) = scale · ‖W − M‖²_F, with `scale` ½ unless said otherwise."""

    target: AbstractTarget
    scale: float = eqx.field(static=True, default=0.5)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of M."""
        return self.target.shape

    @property
    def dtype(self) -> np.dtype:
        """The precision of M."""
        return dtype_of(self.target)

    def loss(self, product: LowRank) -> Scalar:
        """scale · ‖W − M‖²_F."""
        return self.scale * self.target.squared_distance(product)

    def gradient(self, product: LowRank) -> Difference:
        """2 scale (W − M)."""
        return Difference(2 * self.scale, product, self.target)

    def curvature_scale(self) -> float:
        """2 scale."""
        return 2 * self.scale

    def relative_error(self, product: LowRank) -> Scalar:
        """‖W − M‖_F / ‖M‖_F."""
        return jnp.sqrt(self.target.squared_distance(product) / self.target.squared_norm())

    def signal(self, rank: int) -> Signal:
        """The leading singular triplets of M, each left vector's largest entry positive; computed outside any trace."""
        left, values, right = leading_triplets(self.target, rank)
        signs = np.sign(left[np.argmax(np.abs(left), axis=0), np.arange(left.shape[1])])
        signs = np.where(signs == 0, 1.0, signs)
        return Signal(left * signs, values, right * signs)


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
