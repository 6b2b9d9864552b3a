"""Measurements by matrices of rank one."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractProduct, LowRank
from equipoise.problems.operators.dense import DenseOperator
from equipoise.problems.operators.interface import AbstractOperator


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

    def select(self, indices: Int[AnyArray, " batch"]) -> "RankOneOperator":
        """The pairs (a_i, b_i) of these indices."""
        return RankOneOperator(jnp.asarray(self.left)[indices], jnp.asarray(self.right)[indices])

    def symmetrized(self) -> DenseOperator:
        """(a_i b_iᵀ + b_i a_iᵀ)/2, formed."""
        return self.on_arrays().symmetrized()

    def on_arrays(self) -> DenseOperator:
        """a_i b_iᵀ, formed."""
        left, right = np.asarray(self.left, dtype=float), np.asarray(self.right, dtype=float)
        return DenseOperator(left[:, :, None] * right[:, None, :])
