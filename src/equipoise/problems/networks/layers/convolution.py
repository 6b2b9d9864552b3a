"""A convolution along one or two axes."""

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.layered import Layer
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.networks.layers.interface import AbstractLayer

_AXES = ("NCH", "OIH", "NCH"), ("NCHW", "OIHW", "NCHW")


class Convolution(AbstractLayer):
    """A convolution along one axis, (channels, n) -> (`channels`, n'), or along two.

    - `channels`: the number of output channels.
    - `window`: the size of the filters: one number for signals, two for images.
    - `stride`: the step from one window to the next, one number for all axes or one for each; 1 by default.
    - `padding`: the number of zeros added on both sides, for all axes or for each; 0 by default.
    - `bias`: whether each output channel has a bias; by default the network decides.

    The weight has shape (`channels`, input channels, window). As usual in deep learning, the layer computes the
    cross-correlation. Raises `InputError` for a window larger than the padded input.
    Source: Du et al. (2018), Section 2.2.
    """

    channels: int = eqx.field(static=True)
    window: tuple[int, ...] = eqx.field(static=True)
    stride: tuple[int, ...] = eqx.field(static=True)
    padding: tuple[int, ...] = eqx.field(static=True)
    bias: bool | None = eqx.field(static=True)

    def __init__(
        self,
        channels: int,
        window: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        bias: bool | None = None,
    ) -> None:
        self.channels = whole_number("The number of channels", channels, 1)
        self.window = _for_axes("window", window, 1, 1 if isinstance(window, int) else len(window))
        self.stride = _for_axes("stride", stride, 1, len(self.window))
        self.padding = _for_axes("padding", padding, 0, len(self.window))
        self.bias = bias

    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """(channels, …)."""
        if len(given) != 1 + len(self.window):
            raise InputError(
                f"a window of {len(self.window)} numbers needs an input with {1 + len(self.window)} axes, channels "
                f"first, but its input has shape {given}."
            )
        padded = [n + 2 * p for n, p in zip(given[1:], self.padding, strict=True)]
        if any(n < w for n, w in zip(padded, self.window, strict=True)):
            raise InputError(f"the window {self.window} is larger than its padded input, of shape {tuple(padded)}.")
        steps = zip(padded, self.window, self.stride, strict=True)
        return self.channels, *((n - w) // s + 1 for n, w, s in steps)

    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """((channels, input channels, …window),), and (channels,) for the bias."""
        weight = (self.channels, given[0], *self.window)
        return (weight, (self.channels,)) if self.bias else (weight,)

    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m ..."]:
        """The filtered input of each point."""
        outputs = jax.lax.conv_general_dilated(
            jnp.asarray(inputs),
            jnp.asarray(parameters[0]),
            self.stride,
            [(p, p) for p in self.padding],
            dimension_numbers=_AXES[len(self.window) - 1],
        )
        if not self.bias:
            return outputs
        return outputs + jnp.asarray(parameters[1]).reshape(1, -1, *(1 for _ in self.window))

    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """The layer for the laws of balance; its units are channels, whose weights scale like those of a neuron."""
        weight = jnp.asarray(parameters[0])
        bias = jnp.asarray(parameters[1]) if self.bias else None
        columns = jnp.moveaxis(weight, 1, -1).reshape(-1, given[0])
        return Layer(name, weight, bias, weight.reshape(self.channels, -1), columns)

    def with_default_bias(self, bias: bool) -> "Convolution":
        """The layer with `bias` as its choice, if it has made none."""
        return self if self.bias is not None else dataclasses.replace(self, bias=bias)


def _for_axes(name: str, given: int | Sequence[int], least: int, axes: int) -> tuple[int, ...]:
    """One whole number for each axis."""
    numbers = (given,) * axes if isinstance(given, int) else tuple(given)
    if len(numbers) != axes or axes not in (1, 2):
        raise InputError(f"The {name} of a convolution is {given}; give one number, or one for each of 1 or 2 axes.")
    return tuple(whole_number(f"The {name} of a convolution", number, least) for number in numbers)
