"""Some of the measurements of an operator that has no faster selection of its own."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct
from equipoise.problems.operators.dense import DenseOperator
from equipoise.problems.operators.interface import AbstractOperator


class Selected(AbstractOperator):
    """A(W) at some indices, at the cost of all of A(W); a repeated index repeats its measurement."""

    operator: AbstractOperator
    indices: Int[AnyArray, " batch"]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.operator.shape

    @property
    def count(self) -> int:
        """The number of selected measurements."""
        return self.indices.shape[0]

    def apply(self, product: AbstractProduct) -> Float[Array, " batch"]:
        """A(W)[indices]."""
        return self.operator.apply(product)[self.indices]

    def adjoint(self, weights: Float[AnyArray, " batch"]) -> AbstractMatrix:
        """Σ z_k A_{indices[k]}."""
        spread = jnp.zeros(self.operator.count, weights.dtype).at[self.indices].add(weights)
        return self.operator.adjoint(spread)

    def select(self, indices: Int[AnyArray, " part"]) -> "Selected":
        """Some of the selected measurements."""
        return Selected(self.operator, jnp.asarray(self.indices)[indices])

    def symmetrized(self) -> DenseOperator:
        """The symmetric parts of the selected matrices."""
        return self.on_arrays().symmetrized()

    def on_arrays(self) -> DenseOperator:
        """The selected matrices, formed."""
        return DenseOperator(self.operator.on_arrays().formed()[np.asarray(self.indices)])
