"""Activations, each with its degree of homogeneity."""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber, Scalar


class AbstractActivation(eqx.Module):
    """A function φ of one number, applied to each output of a layer.

    Its degree is the k with φ'(x) x = k φ(x) for all x, or None if there is no such k. It is 1 for linear, ReLU and
    leaky ReLU, which the paper calls homogeneous. Source: Du et al. (2018), Section 2.1.
    """

    @property
    @abc.abstractmethod
    def degree(self) -> float | None:
        """The degree of homogeneity, or None."""

    @abc.abstractmethod
    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """φ(x), entry by entry."""


class Linear(AbstractActivation):
    """φ(x) = x."""

    @property
    def degree(self) -> float:
        """1."""
        return 1.0

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """x itself."""
        return x


class ReLU(AbstractActivation):
    """φ(x) = max(x, 0), with derivative 0 at 0."""

    @property
    def degree(self) -> float:
        """1."""
        return 1.0

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The positive part of x."""
        return jax.nn.relu(x)


class LeakyReLU(AbstractActivation):
    """φ(x) = x for x > 0 and `slope` · x otherwise; `slope` is a number from 0 (ReLU) to 1 (linear), 0.1 by default.

    Runs that differ in the slope alone share a compiled program. Raises `InputError` for a slope out of range.
    """

    slope: Scalar

    def __init__(self, slope: RealNumber = 0.1) -> None:
        self.slope = np.asarray(real_number("The slope of a leaky ReLU", slope, least=0, most=1))

    @property
    def degree(self) -> float:
        """1."""
        return 1.0

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """x where it is positive, slope · x elsewhere."""
        return jnp.where(x > 0, x, jnp.asarray(self.slope, x.dtype) * x)


class PowerReLU(AbstractActivation):
    """φ(x) = max(x, 0)ᵏ, homogeneous of degree k = `power` > 1; 2 is the squared ReLU.

    Gradient flow then conserves ‖W_h[i,:]‖² − k‖W_{h+1}[:,i]‖², by the proof of Du et al. (2018), Theorem 2.1. Raises
    `InputError` for a power of 1 or less.
    """

    power: float = eqx.field(static=True, default=2.0)

    def __check_init__(self) -> None:
        real_number("The power of a ReLU", self.power, above=1)

    @property
    def degree(self) -> float:
        """The power."""
        return float(self.power)

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The power of the positive part of x."""
        # the inner where keeps the derivative of the power from being taken at 0
        positive = x > 0
        return jnp.where(positive, jnp.where(positive, x, 1.0) ** self.power, 0.0)


class Sigmoid(AbstractActivation):
    """φ(x) = 1/(1 + e^−x), which is not homogeneous."""

    @property
    def degree(self) -> None:
        """None."""

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The logistic function."""
        return jax.nn.sigmoid(x)


class Tanh(AbstractActivation):
    """φ(x) = tanh x, which is not homogeneous."""

    @property
    def degree(self) -> None:
        """None."""

    def __call__(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The hyperbolic tangent."""
        return jnp.tanh(x)


ACTIVATIONS: dict[str, AbstractActivation] = {
    "linear": Linear(),
    "relu": ReLU(),
    "leaky_relu": LeakyReLU(),
    "squared_relu": PowerReLU(),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
}
"""Activations by name."""


def as_activation(given: str | AbstractActivation) -> AbstractActivation:
    """The activation, given as itself or by name; raises `InputError` with the known names for an unknown one."""
    if isinstance(given, AbstractActivation):
        return given
    if given not in ACTIVATIONS:
        raise InputError(
            f"There is no activation {given!r}; use one of {', '.join(ACTIVATIONS)}, or an object such as "
            "equipoise.problems.networks.LeakyReLU(0.2)."
        )
    return ACTIVATIONS[given]


def name_of(activation: AbstractActivation) -> str:
    """The name of an activation in messages."""
    kind = type(activation)
    return next((name for name, known in ACTIVATIONS.items() if type(known) is kind), kind.__name__)
