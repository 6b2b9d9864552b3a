"""Step sizes that fall as a power of the step."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.checks import as_array, non_negative_number, positive_number
from equipoise.core.types import AnyArray, RealNumber, StepIndex


class PowerDecay(eqx.Module):
    """The schedule η_t = initial · (t + 1)^−exponent, t = 0, 1, …, a step size for any method.

    - `initial`: η_0, in the unit of the step size.
    - `exponent`: how fast the steps shrink; 0 keeps them constant.

    For exponents up to 1 the sum of the η_t is infinite, so that a run can go any distance. For exponents above ½ the
    sum of the η_t² is finite, and with it the drift of the balance. Other numbers do not make a run compile again,
    unlike another function of your own. Raises `InputError` unless both numbers are finite, `initial` is greater than 0
    and `exponent` is 0 or greater.
    Source: Du et al. (2018), Theorem 3.1 and footnote 11.
    """

    initial: AnyArray
    exponent: AnyArray

    def __init__(self, initial: RealNumber, exponent: RealNumber) -> None:
        self.initial = as_array(positive_number("initial", initial))
        self.exponent = as_array(non_negative_number("exponent", exponent))

    def __call__(self, step: StepIndex) -> Array:
        """η_t at t = `step`."""
        return jnp.asarray(self.initial * (jnp.asarray(step) + 1.0) ** -self.exponent)
