"""A layer with a skip connection."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.layered import Layer
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.networks.layers.interface import AbstractLayer


class Skip(AbstractLayer):
    """x -> f(x) + x for another layer f: a residual connection, which breaks the laws of balance on both sides of f.

    Raises `InputError` unless the output of f has the shape of its input.
    """

    layer: AbstractLayer

    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the input."""
        around = self.layer.output_shape(given)
        if around != given:
            raise InputError(
                f"it turns an input of shape {given} into {around}, and the two cannot be added; keep the shape."
            )
        return given

    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """The shapes of the layer inside."""
        return self.layer.shapes(given)

    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m ..."]:
        """f(x) + x at each point."""
        return self.layer.apply(parameters, inputs) + jnp.asarray(inputs)

    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """The layer inside, with the reason why the laws of balance do not hold for it."""
        return self.layer.view(parameters, given, name)._replace(obstacle="has a skip connection")

    def with_default_bias(self, bias: bool) -> "Skip":
        """The skip connection with `bias` as the choice of the layer inside, if that has made none."""
        return Skip(self.layer.with_default_bias(bias))
