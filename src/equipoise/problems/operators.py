"""Linear maps W -> y of a matrix, and their adjoints: what a linear measurement is made of."""

import abc
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct, Dense, LowRank, Sparse


class AbstractOperator(eqx.Module):
    """A linear map A(W)_i = ⟨A_i, W⟩, i = 1 … m, of d1 x d2 matrices, with its adjoint A*(z) = Σ z_i A_i."""

    @property
    @abc.abstractmethod
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""

    @property
    @abc.abstractmethod
    def count(self) -> int:
        """The number m of measurements."""

    @abc.abstractmethod
    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """A(W)."""

    @abc.abstractmethod
    def adjoint(self, weights: Float[AnyArray, " m"]) -> AbstractMatrix:
        """A*(z), as a matrix that can be multiplied."""


class DenseOperator(AbstractOperator):
    """A_i as arrays, flattened into the rows of one m x d1 d2 matrix: many W at once are one matrix product."""

    rows: Float[AnyArray, "m entries"]
    size: tuple[int, int] = eqx.field(static=True)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.size

    @property
    def count(self) -> int:
        """m."""
        return self.rows.shape[0]

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """A(W), with W formed."""
        return jnp.asarray(self.rows) @ product.dense().ravel()

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Dense:
        """Σ z_i A_i."""
        return Dense((jnp.asarray(weights) @ self.rows).reshape(self.size))


class SparseOperator(AbstractOperator):
    """A_i by their non-zero entries: entry k is A_i[row, column] = value with i = `indices`[k]."""

    values: Float[AnyArray, " k"]
    indices: Int[AnyArray, " k"]
    rows: Int[AnyArray, " k"]
    columns: Int[AnyArray, " k"]
    size: tuple[int, int] = eqx.field(static=True)
    measurements: int = eqx.field(static=True)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.size

    @property
    def count(self) -> int:
        """m."""
        return self.measurements

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """A(W), looking at W only where some A_i has an entry."""
        terms = self.values * product.at(self.rows, self.columns)
        return jax.ops.segment_sum(terms, jnp.asarray(self.indices), num_segments=self.measurements)

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Sparse:
        """Σ z_i A_i, sparse."""
        return Sparse(self.values * jnp.asarray(weights)[self.indices], self.rows, self.columns, self.size)


class RankOneOperator(AbstractOperator):
    """A_i = a_i b_iᵀ, so that A(W)_i = a_iᵀ W b_i; a_i and b_i are the rows of two matrices."""

    left: Float[AnyArray, "m d1"]
    right: Float[AnyArray, "m d2"]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.left.shape[1], self.right.shape[1]

    @property
    def count(self) -> int:
        """m."""
        return self.left.shape[0]

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """a_iᵀ (W b_i); W is not formed."""
        return jnp.sum(self.left * product.matmul(jnp.asarray(self.right).T).T, axis=1)

    def adjoint(self, weights: Float[AnyArray, " m"]) -> LowRank:
        """Σ z_i a_i b_iᵀ, in factors."""
        return LowRank((jnp.asarray(weights)[:, None] * self.left).T, jnp.asarray(self.right).T)


class FunctionOperator(AbstractOperator):
    """A linear map given by two functions of arrays: `forward`, W -> A(W), and `backward`, z -> A*(z)."""

    forward: Callable[[Array], Array] = eqx.field(static=True)
    backward: Callable[[Array], Array] = eqx.field(static=True)
    size: tuple[int, int] = eqx.field(static=True)
    measurements: int = eqx.field(static=True)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.size

    @property
    def count(self) -> int:
        """m."""
        return self.measurements

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """forward(W), with W formed."""
        return self.forward(product.dense())

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Dense:
        """backward(z)."""
        return Dense(self.backward(jnp.asarray(weights)))


class Entries(AbstractOperator):
    """Some entries of W: A(W)_i = W[rows_i, columns_i].

    With `forms_product` W is formed and its gradient is kept dense, which is faster unless few entries are seen: a
    product of dense matrices runs many times faster per operation than the same entries gathered one by one.
    """

    rows: Int[AnyArray, " m"]
    columns: Int[AnyArray, " m"]
    size: tuple[int, int] = eqx.field(static=True)
    forms_product: bool = eqx.field(static=True, default=True)

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.size

    @property
    def count(self) -> int:
        """m."""
        return self.rows.shape[0]

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """The entries seen."""
        return (Dense(product.dense()) if self.forms_product else product).at(self.rows, self.columns)

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Dense | Sparse:
        """z at the entries seen, zero elsewhere."""
        sparse = Sparse(jnp.asarray(weights), self.rows, self.columns, self.size)
        return Dense(sparse.dense()) if self.forms_product else sparse
