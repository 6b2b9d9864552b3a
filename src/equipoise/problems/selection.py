"""Some of an operator's measurements."""

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct
from equipoise.problems.operators import AbstractOperator, DenseOperator, Entries, RankOneOperator


class Selected(AbstractOperator):
    """A(W) at some indices, for operators that cannot be cut: all of A(W) is computed."""

    operator: AbstractOperator
    indices: Int[AnyArray, " batch"]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.operator.shape

    @property
    def count(self) -> int:
        """How many are selected."""
        return self.indices.shape[0]

    def apply(self, product: AbstractProduct) -> Float[Array, " batch"]:
        """A(W)[indices]."""
        return self.operator.apply(product)[self.indices]

    def adjoint(self, weights: Float[AnyArray, " batch"]) -> AbstractMatrix:
        """Σ z_k A_{indices[k]}, an index that comes twice counting twice."""
        spread = jnp.zeros(self.operator.count, weights.dtype).at[self.indices].add(weights)
        return self.operator.adjoint(spread)


def selected(operator: AbstractOperator, indices: Int[Array, " batch"]) -> AbstractOperator:
    """The measurements of these indices, at the cost of these alone where their matrices lie side by side."""
    if isinstance(operator, DenseOperator):
        return DenseOperator(jnp.asarray(operator.rows)[indices], operator.size)
    if isinstance(operator, RankOneOperator):
        return RankOneOperator(jnp.asarray(operator.left)[indices], jnp.asarray(operator.right)[indices])
    if isinstance(operator, Entries):
        rows, columns = jnp.asarray(operator.rows)[indices], jnp.asarray(operator.columns)[indices]
        return Entries(rows, columns, operator.size, operator.forms_product)
    return Selected(operator, indices)
