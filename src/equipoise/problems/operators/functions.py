"""Measurements by a user's functions."""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.types import AnyArray
from equipoise.problems.matrices import AbstractProduct, Dense
from equipoise.problems.operators.formed import AbstractFormedOperator


class FunctionOperator(AbstractFormedOperator):
    """A linear map given by two functions of arrays.

    - `forward`: W -> A(W), from (d1, d2) to (m,).
    - `backward`: z -> A*(z), from (m,) to (d1, d2).
    - `shape`: (d1, d2).
    - `count`: m.
    """

    forward: Callable[[Array], Array] = eqx.field(static=True)
    backward: Callable[[Array], Array] = eqx.field(static=True)
    shape: tuple[int, int] = eqx.field(static=True)
    count: int = eqx.field(static=True)

    def apply(self, product: AbstractProduct) -> Float[Array, " m"]:
        """forward(W), with W formed."""
        return self.forward(product.dense())

    def adjoint(self, weights: Float[AnyArray, " m"]) -> Dense:
        """backward(z)."""
        return Dense(self.backward(jnp.asarray(weights)))
