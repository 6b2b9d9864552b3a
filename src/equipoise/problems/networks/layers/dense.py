"""A fully connected layer."""

import dataclasses
import math

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.checks import whole_number
from equipoise.core.layered import Layer
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.networks.layers.interface import AbstractLayer


class Dense(AbstractLayer):
    """x -> W x + b with W: `width` x n, b: `width`; an input with several axes is flattened.

    `bias` says whether there is a b; by default the network decides. Raises `InputError` for a width below 1.
    """

    width: int = eqx.field(static=True)
    bias: bool | None = eqx.field(static=True)

    def __init__(self, width: int, bias: bool | None = None) -> None:
        self.width = whole_number("The width of a layer", width, 1)
        self.bias = bias

    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """(width,)."""
        return (self.width,)

    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """((width, n),), and (width,) for the bias."""
        weight = (self.width, math.prod(given))
        return (weight, (self.width,)) if self.bias else (weight,)

    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m width"]:
        """W x + b at each point."""
        flat = jnp.asarray(inputs).reshape(inputs.shape[0], -1)
        outputs = flat @ jnp.asarray(parameters[0]).T
        return outputs + jnp.asarray(parameters[1])[None] if self.bias else outputs

    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """The layer for the laws of balance; units are rows of W, units before are columns, one for each channel."""
        weight = jnp.asarray(parameters[0])
        bias = jnp.asarray(parameters[1]) if self.bias else None
        columns = jnp.swapaxes(weight.reshape(self.width, given[0], -1), 1, 2).reshape(-1, given[0])
        return Layer(name, weight, bias, weight, columns)

    def with_default_bias(self, bias: bool) -> "Dense":
        """The layer with `bias` as its choice, if it has made none."""
        return self if self.bias is not None else dataclasses.replace(self, bias=bias)
