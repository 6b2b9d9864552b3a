"""Matrices used through their products with thin matrices: dense, factored, sparse, or a difference of two."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse
from jaxtyping import Array, Float, Int

from equipoise.core.precision import numerics
from equipoise.core.thin import squared_norm_of_product
from equipoise.core.types import AnyArray, Scalar
from equipoise.problems.singular_triplets import Triplets, of_dense, of_factors, of_sparse


class AbstractMatrix(eqx.Module):
    """A d1 x d2 matrix W that can be multiplied by thin matrices."""

    @property
    @abc.abstractmethod
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""

    @abc.abstractmethod
    def matmul(self, thin: Float[AnyArray, "d2 k"]) -> Float[Array, "d1 k"]:
        """W V."""

    @abc.abstractmethod
    def rmatmul(self, thin: Float[AnyArray, "d1 k"]) -> Float[Array, "d2 k"]:
        """Wᵀ U."""

    @abc.abstractmethod
    def dense(self) -> Float[Array, "d1 d2"]:
        """W as an array."""


class AbstractTarget(AbstractMatrix):
    """A matrix W that the matrix P of a parametrization can be compared with."""

    @abc.abstractmethod
    def squared_norm(self) -> Scalar:
        """‖W‖²_F."""

    @abc.abstractmethod
    def squared_distance(self, product: "AbstractProduct") -> Scalar:
        """‖P − W‖²_F, for the matrix P of a parametrization."""

    def singular_triplets(self, rank: int) -> Triplets:
        """(A, s, B) with W ≈ A diag(s) Bᵀ: the leading `rank` singular triplets, s descending, as NumPy arrays.

        This general version forms W by its products; classes that know a better way have their own.
        """
        with numerics():
            formed = np.asarray(self.matmul(np.eye(self.shape[1])))
        return of_dense(formed, rank)


class AbstractProduct(AbstractTarget):
    """The matrix of a parametrization, which can also be read entry by entry."""

    @abc.abstractmethod
    def at(self, rows: Int[AnyArray, " m"], columns: Int[AnyArray, " m"]) -> Float[Array, " m"]:
        """The entries W[rows, columns]."""


class LowRank(AbstractProduct):
    """W = L Rᵀ, never formed: L is d1 x k, R is d2 x k."""

    left: Float[AnyArray, "d1 k"]
    right: Float[AnyArray, "d2 k"]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.left.shape[0], self.right.shape[0]

    def matmul(self, thin: Float[AnyArray, "d2 j"]) -> Float[Array, "d1 j"]:
        """L (Rᵀ V)."""
        return jnp.asarray(self.left) @ (self.right.T @ jnp.asarray(thin))

    def rmatmul(self, thin: Float[AnyArray, "d1 j"]) -> Float[Array, "d2 j"]:
        """R (Lᵀ U)."""
        return jnp.asarray(self.right) @ (self.left.T @ jnp.asarray(thin))

    def squared_norm(self) -> Scalar:
        """‖LRᵀ‖²_F = ⟨LᵀL, RᵀR⟩, from Gram matrices."""
        left, right = jnp.asarray(self.left), jnp.asarray(self.right)
        return jnp.sum((left.T @ left) * (right.T @ right))

    def dense(self) -> Float[Array, "d1 d2"]:
        """L Rᵀ, formed."""
        return jnp.asarray(self.left) @ self.right.T

    def at(self, rows: Int[AnyArray, " m"], columns: Int[AnyArray, " m"]) -> Float[Array, " m"]:
        """Inner products of rows of L and R; LRᵀ is not formed."""
        return jnp.sum(jnp.asarray(self.left)[rows] * jnp.asarray(self.right)[columns], axis=1)

    def squared_distance(self, product: AbstractProduct) -> Scalar:
        """‖P − W‖²_F; for P in factors from the stacked factors, so that no digits cancel at small distances."""
        if not isinstance(product, LowRank):
            return jnp.sum((product.dense() - self.dense()) ** 2)
        left = jnp.concatenate([product.left, -self.left], axis=1)
        right = jnp.concatenate([product.right, self.right], axis=1)
        return squared_norm_of_product(left, right)

    def singular_triplets(self, rank: int) -> Triplets:
        """By QR of the factors; there are at most k triplets."""
        return of_factors(np.asarray(self.left), np.asarray(self.right), rank)


class Dense(AbstractProduct):
    """W as an array."""

    entries: Float[AnyArray, "d1 d2"]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.entries.shape[0], self.entries.shape[1]

    def matmul(self, thin: Float[AnyArray, "d2 k"]) -> Float[Array, "d1 k"]:
        """W V."""
        return jnp.asarray(self.entries) @ thin

    def rmatmul(self, thin: Float[AnyArray, "d1 k"]) -> Float[Array, "d2 k"]:
        """Wᵀ U."""
        return jnp.asarray(self.entries).T @ thin

    def squared_norm(self) -> Scalar:
        """The sum of squares."""
        return jnp.sum(jnp.asarray(self.entries) ** 2)

    def dense(self) -> Float[Array, "d1 d2"]:
        """The entries."""
        return jnp.asarray(self.entries)

    def at(self, rows: Int[AnyArray, " m"], columns: Int[AnyArray, " m"]) -> Float[Array, " m"]:
        """W[rows, columns]."""
        return jnp.asarray(self.entries)[rows, columns]

    def squared_distance(self, product: AbstractProduct) -> Scalar:
        """The sum of squared residuals, entry by entry; W is dense already, and no digits cancel."""
        return jnp.sum((product.dense() - self.entries) ** 2)

    def singular_triplets(self, rank: int) -> Triplets:
        """By a singular value decomposition."""
        return of_dense(np.asarray(self.entries), rank)


class Sparse(AbstractTarget):
    """W by its non-zero entries; a product with k columns costs (number of entries) x k and does not form W."""

    values: Float[AnyArray, " entries"]
    rows: Int[AnyArray, " entries"]
    columns: Int[AnyArray, " entries"]
    size: tuple[int, int] = eqx.field(static=True)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.size

    def matmul(self, thin: Float[AnyArray, "d2 k"]) -> Float[Array, "d1 k"]:
        """W V, summed over the entries of each row."""
        terms = jnp.asarray(self.values)[:, None] * jnp.asarray(thin)[self.columns]
        return jax.ops.segment_sum(terms, jnp.asarray(self.rows), num_segments=self.size[0])

    def rmatmul(self, thin: Float[AnyArray, "d1 k"]) -> Float[Array, "d2 k"]:
        """Wᵀ U, summed over the entries of each column."""
        terms = jnp.asarray(self.values)[:, None] * jnp.asarray(thin)[self.rows]
        return jax.ops.segment_sum(terms, jnp.asarray(self.columns), num_segments=self.size[1])

    def squared_norm(self) -> Scalar:
        """The sum of squares of the entries."""
        return jnp.sum(jnp.asarray(self.values) ** 2)

    def dense(self) -> Float[Array, "d1 d2"]:
        """The entries in a matrix of zeros; repeated entries are added."""
        return jnp.zeros(self.size, jnp.asarray(self.values).dtype).at[self.rows, self.columns].add(self.values)

    def squared_distance(self, product: AbstractProduct) -> Scalar:
        """‖P‖² + Σ over entries of (P − W)² − P²; its rounding error is relative to ‖P‖², not to the distance."""
        fitted = product.at(self.rows, self.columns)
        on_entries = jnp.sum((fitted - self.values) ** 2 - fitted**2)
        return jnp.maximum(product.squared_norm() + on_entries, 0.0)

    def singular_triplets(self, rank: int) -> Triplets:
        """By ARPACK, or from the formed W if half of the triplets or more are wanted."""
        places = np.asarray(self.rows), np.asarray(self.columns)
        return of_sparse(scipy.sparse.coo_array((np.asarray(self.values), places), shape=self.size), rank)


class Difference(AbstractMatrix):
    """W = c (P − T), a multiple of the difference of a product and a target: the residual of a least-squares fit."""

    factor: float
    product: AbstractProduct
    target: AbstractTarget

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.target.shape

    def matmul(self, thin: Float[AnyArray, "d2 k"]) -> Float[Array, "d1 k"]:
        """c (P V − T V)."""
        return self.factor * (self.product.matmul(thin) - self.target.matmul(thin))

    def rmatmul(self, thin: Float[AnyArray, "d1 k"]) -> Float[Array, "d2 k"]:
        """c (Pᵀ U − Tᵀ U)."""
        return self.factor * (self.product.rmatmul(thin) - self.target.rmatmul(thin))

    def dense(self) -> Float[Array, "d1 d2"]:
        """c (P − T), formed."""
        return self.factor * (self.product.dense() - self.target.dense())


def dtype_of(matrix: AbstractMatrix) -> np.dtype:
    """The precision of the matrix's entries."""
    floating = [leaf for leaf in jax.tree.leaves(matrix) if np.issubdtype(leaf.dtype, np.floating)]
    return np.dtype(floating[0].dtype)
