"""Max pooling, a layer without parameters."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.layered import Layer
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.networks.layers.interface import AbstractLayer


class MaxPooling(AbstractLayer):
    """The maximum over windows that lie side by side: (channels, n) -> (channels, n / window), or along two axes.

    It comes after the activation of the layer before, is homogeneous, and does not change the laws of balance.
    Raises `InputError` for an input that the windows do not fill exactly.
    """

    window: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, window: int | Sequence[int]) -> None:
        numbers = (window,) if isinstance(window, int) else tuple(window)
        self.window = tuple(whole_number("The window of a pooling", number, 1) for number in numbers)

    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """(channels, n / window, …)."""
        fits = len(given) == 1 + len(self.window)
        if not fits or any(n % w for n, w in zip(given[1:], self.window, strict=True)):
            raise InputError(f"windows of {self.window} do not fill its input, of shape {given}.")
        return given[0], *(n // w for n, w in zip(given[1:], self.window, strict=True))

    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """(): there are no parameters."""
        return ()

    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m ..."]:
        """The maximum of each window."""
        axes = zip(self.output_shape(inputs.shape[1:])[1:], self.window, strict=True)
        split = jnp.asarray(inputs).reshape(*inputs.shape[:2], *(n for pair in axes for n in pair))
        return jnp.max(split, axis=tuple(range(3, split.ndim, 2)))

    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """Always raises `InputError`: there are no parameters."""
        raise InputError(f"{name} has no parameters.")

    def with_default_bias(self, bias: bool) -> "MaxPooling":
        """The layer itself."""
        return self
