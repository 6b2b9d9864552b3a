"""Measurements by sparse matrices."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractProduct, Sparse
from equipoise.problems.operators.formed import AbstractFormedOperator


class SparseOperator(AbstractFormedOperator):
    """The A_i by their non-zero entries: A_i[rows[k], columns[k]] = values[k] with i = indices[k].

    - `values`, `indices`, `rows`, `columns`: one number for each non-zero entry k; indices are counted from 0.
    - `shape`: (d1, d2).
    - `count`: the number m of measurements.
    """

    values: Float[AnyArray, " k"]
    indices: Int[AnyArray, " k"]
    rows: Int[AnyArray, " k"]
    columns: Int[AnyArray, " k"]
    shape: tuple[int, int] = eqx.field(static=True)
    count: int = eqx.field(static=True)

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """A(W), which reads W only where some A_i has an entry."""
        terms = self.values * product.at(self.rows, self.columns)
        return jax.ops.segment_sum(terms, jnp.asarray(self.indices), num_segments=self.count)

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Sparse:
        """Σ z_i A_i, sparse."""
        return Sparse(self.values * jnp.asarray(weights)[self.indices], self.rows, self.columns, self.shape)
