"""What a problem is whose parameters lie in layers, one after the other, and how the laws of balance see it."""

import abc
from typing import NamedTuple

from jaxtyping import Array, Float, Shaped

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta


class Layer(NamedTuple):
    """One layer at θ.

    `weight` and `bias` are its free parameters. `incoming` is the squared norm of the weights that go into each unit
    (a neuron, or a channel), its bias included; `outgoing` that of the weights that come from each unit of the layer
    before; None where units share weights. `matrix` is the weight matrix where each of its entries is free.
    `obstacle` says why the laws of balance do not hold for it, if they do not.
    """

    name: str
    weight: Shaped[Array, "..."]
    bias: Shaped[Array, "..."] | None = None
    incoming: Float[Array, " units"] | None = None
    outgoing: Float[Array, " before"] | None = None
    matrix: Float[Array, "rows columns"] | None = None
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
