"""What a problem is whose parameters lie in layers, one after the other, and how the laws of balance see it."""

import abc
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Theta


class Layer(NamedTuple):
    """One layer at θ.

    `weight` and `bias` are its free parameters. `rows` has a row for each of its units (a neuron, or a channel), the
    weights that go into it; `columns` a column for each unit of the layer before, the weights that come from it; both
    None where units share weights. `obstacle` says why the laws of balance do not hold for it, if they do not.
    """

    name: str
    weight: Shaped[Array, "..."]
    bias: Shaped[Array, "..."] | None = None
    rows: Float[Array, "units incoming"] | None = None
    columns: Float[Array, "outgoing before"] | None = None
    obstacle: str = ""


class Between(NamedTuple):
    """What lies between a layer and the next: the name of the activation, its degree, and whether nothing acts.

    An activation of degree k has φ'(x) x = k φ(x), as xᵏ for x > 0; None is for one that has no degree.
    """

    activation: str
    degree: float | None
    is_linear: bool


class Chain(NamedTuple):
    """The layers from the input to the output, and what lies between them: one fewer."""

    layers: tuple[Layer, ...]
    between: tuple[Between, ...]


class AbstractLayered(AbstractProblem):
    """A problem whose parameters lie in layers, so that their norms can be compared."""

    @abc.abstractmethod
    def chain(self, theta: Theta) -> Chain:
        """The layers at θ; `InputError` for a problem that is not written in layers."""

    @abc.abstractmethod
    def end_to_end(self, theta: Theta) -> Float[Array, "d1 d2"]:
        """The matrix of the whole linear map from input to output; `InputError` where it is not linear."""


def linear_chain(matrices: Sequence[AnyArray]) -> Chain:
    """Matrices W_1, …, W_N of a linear network W_N … W_1 as layers."""
    weights = [jnp.asarray(matrix) for matrix in matrices]
    layers = tuple(
        Layer(f"Layer {number}", weight, None, weight, weight) for number, weight in enumerate(weights, start=1)
    )
    return Chain(layers, (Between("linear", 1.0, True),) * (len(layers) - 1))
