"""Measurements of single entries, each multiplied by a number of its own."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractMatrix, AbstractProduct
from equipoise.problems.operators.entries import Entries
from equipoise.problems.operators.formed import AbstractFormedOperator


class WeightedEntries(AbstractFormedOperator):
    """Some entries of W, with factors: A(W)_i = c_i W[rows_i, columns_i].

    With c_i = √w_i and data c_i y_i, the loss ‖A(W) − y‖² is Σ w_i (W_i − y_i)².

    - `entries`: which entries.
    - `factors`: c, one for each entry.
    """

    entries: Entries
    factors: Float[AnyArray, " m"]

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2) of W."""
        return self.entries.shape

    @property
    def count(self) -> int:
        """m."""
        return self.entries.count

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """c times the measured entries."""
        return jnp.asarray(self.factors) * self.entries.apply(product)

    def adjoint(self, weights: Float[AnyArray, " m"]) -> AbstractMatrix:
        """c z at the measured entries, zero elsewhere."""
        return self.entries.adjoint(jnp.asarray(self.factors) * jnp.asarray(weights))
