"""The base class of layers."""

import abc

import equinox as eqx
from jaxtyping import Array, Float

from equipoise.core.layered import Chain, Layer
from equipoise.core.types import AnyArray, Shapes, Theta


class AbstractLayer(eqx.Module):
    """A map from inputs to outputs that is linear except for a bias, or that has no parameters, or attention.

    Its shapes follow from the shape of its input at one point: (n,), (channels, n) or (channels, rows, columns).
    """

    @abc.abstractmethod
    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of its output for an input of shape `given`; raises `InputError` if that shape does not fit."""

    @abc.abstractmethod
    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """The shapes of its free parameters: the weights, then the bias if there is one; () if it has none."""

    @abc.abstractmethod
    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m ..."]:
        """The outputs at m points."""

    @abc.abstractmethod
    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """The layer in the form that the laws of balance use; only for a layer with parameters."""

    def chain(self, parameters: Theta, given: tuple[int, ...], name: str) -> Chain:
        """The layers that it consists of and what lies between them, for the laws of balance: its own view alone."""
        return Chain((self.view(parameters, given, name),), ())

    @property
    def splits(self) -> str:
        """Why the laws of balance do not hold between it and its neighbors, although they may within; empty if so."""
        return ""

    @abc.abstractmethod
    def with_default_bias(self, bias: bool) -> "AbstractLayer":
        """The layer with `bias` as its choice, if it has made none."""
