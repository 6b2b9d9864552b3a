"""Some of an operator's measurements, where the operator cannot be cut."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct
from equipoise.problems.operators.dense import DenseOperator
from equipoise.problems.operators.interface import AbstractOperator


class Selected(AbstractOperator):
    """A(W) at some indices: all of A(W) is computed. An index that comes twice counts twice."""

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
        """Σ z_k A_{indices[k]}."""
        spread = jnp.zeros(self.operator.count, weights.dtype).at[self.indices].add(weights)
        return self.operator.adjoint(spread)

    def select(self, indices: Int[AnyArray, " part"]) -> "Selected":
        """Some of those selected."""
        return Selected(self.operator, jnp.asarray(self.indices)[indices])

    def symmetrized(self) -> DenseOperator:
        """The symmetric parts of the matrices selected."""
        return self.on_arrays().symmetrized()

    def on_arrays(self) -> DenseOperator:
        """The matrices selected, formed."""
        return DenseOperator(self.operator.on_arrays().formed()[np.asarray(self.indices)])
