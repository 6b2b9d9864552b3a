"""Measurements by sparse matrices."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractProduct, Sparse
from equipoise.problems.operators.formed import AbstractFormedOperator


class SparseOperator(AbstractFormedOperator):
    """A_i by their non-zero entries: entry k is A_i[row, column] = value with i = `indices`[k]."""

    values: Float[AnyArray, " k"]
    indices: Int[AnyArray, " k"]
    rows: Int[AnyArray, " k"]
    columns: Int[AnyArray, " k"]
    shape: tuple[int, int] = eqx.field(static=True)
    count: int = eqx.field(static=True)

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """A(W), looking at W only where some A_i has an entry."""
        terms = self.values * product.at(self.rows, self.columns)
        return jax.ops.segment_sum(terms, jnp.asarray(self.indices), num_segments=self.count)

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Sparse:
        """Σ z_i A_i, sparse."""
        return Sparse(self.values * jnp.asarray(weights)[self.indices], self.rows, self.columns, self.shape)
