"""What a layer is."""

import abc

import equinox as eqx
from jaxtyping import Array, Float

from equipoise.core.layered import Layer
from equipoise.core.types import AnyArray, Shapes, Theta


class AbstractLayer(eqx.Module):
    """A map of the activations of one layer to the outputs of the next, linear but for its bias, or without parameters.

    Its shapes follow from the shape of its input at one point: (n,), (channels, n) or (channels, rows, columns).
    """

    @abc.abstractmethod
    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of its output for an input of shape `given`; `InputError` for one that it cannot take."""

    @abc.abstractmethod
    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """The shapes of its free parameters: the weight, then the bias if there is one; () if it has none."""

    @abc.abstractmethod
    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m ..."]:
        """Its outputs at m points."""

    @abc.abstractmethod
    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """The layer as the laws of balance see it; only for one that has parameters."""

    @abc.abstractmethod
    def with_default_bias(self, bias: bool) -> "AbstractLayer":
        """The layer with a bias, or without, if it has not been said which."""
