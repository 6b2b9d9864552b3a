"""Layers with a skip connection around them."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.layered import Between, Chain, Layer
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.networks.activations import AbstractActivation, Linear, as_activation, name_of
from equipoise.problems.networks.layers.interface import AbstractLayer


class Skip(AbstractLayer):
    """x -> f(x) + x for a layer f, or for several layers with activations between them: a residual block.

    - `layer`: f, one layer with parameters, or a sequence of them.
    - `activation`: what lies between the layers of f, one for all or one for each layer but the last; by default that
      of the network, if it has one for all layers.

    The skip connection breaks the laws of balance between the block and its neighbors; within the block they hold.
    Raises `InputError` for no layers, a layer of another kind, and unless the output of f has the shape of its input.
    """

    layers: tuple[AbstractLayer, ...]
    activations: tuple[AbstractActivation, ...] | None

    def __init__(
        self,
        layer: AbstractLayer | Sequence[Any],
        activation: str | AbstractActivation | Sequence[str | AbstractActivation] | None = None,
    ) -> None:
        given = tuple(layer) if isinstance(layer, Sequence) else (layer,)
        strange = [each for each in given if not isinstance(each, AbstractLayer)]
        if strange or not given:
            what = f"{strange[0]!r} is not a layer" if strange else "There are no layers"
            raise InputError(f"{what}; give a skip connection layers such as equipoise.problems.networks.Dense(10).")
        self.layers = given
        self.activations = () if len(given) == 1 else None
        if activation is not None:
            if isinstance(activation, str | AbstractActivation):
                activation = (activation,) * (len(given) - 1)
            several = tuple(activation)
            if len(several) != len(given) - 1:
                raise InputError(
                    f"There are {len(several)} activations, but a skip connection around {len(given)} layers needs "
                    f"{len(given) - 1}; give one for all layers, or one for each but the last."
                )
            self.activations = tuple(as_activation(each) for each in several)

    def output_shape(self, given: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the input."""
        around = self._inputs(given)[-1]
        if around != given:
            raise InputError(
                f"it turns an input of shape {given} into {around}, and the two cannot be added; keep the shape."
            )
        return given

    def shapes(self, given: tuple[int, ...]) -> Shapes:
        """The shapes of the layers inside, in order."""
        return tuple(shape for layer, at in self._within(given) for shape in layer.shapes(at))

    def apply(self, parameters: Theta, inputs: Float[AnyArray, "m ..."]) -> Float[Array, "m ..."]:
        """f(x) + x at each point."""
        values = jnp.asarray(inputs)
        for number, (layer, part, _) in enumerate(self._parts(parameters, tuple(inputs.shape[1:]))):
            values = layer.apply(part, self._between[number - 1](values) if number else values)
        return values + jnp.asarray(inputs)

    def view(self, parameters: Theta, given: tuple[int, ...], name: str) -> Layer:
        """A single layer inside, with the reason why the laws of balance do not hold for it."""
        return self.layers[0].view(parameters, given, name)._replace(obstacle="has a skip connection")

    def chain(self, parameters: Theta, given: tuple[int, ...], name: str) -> Chain:
        """The layers inside, numbered if there are several."""
        if len(self.layers) == 1:
            return Chain((self.view(parameters, given, name),), ())
        parts = enumerate(self._parts(parameters, given), start=1)
        layers = tuple(layer.view(part, at, f"{name}, inner layer {n},") for n, (layer, part, at) in parts)
        between = tuple(Between(name_of(a), a.degree, isinstance(a, Linear)) for a in self._between)
        return Chain(layers, between)

    @property
    def splits(self) -> str:
        """Why the laws of balance do not hold between the block and its neighbors."""
        return "has a skip connection"

    def with_default_bias(self, bias: bool) -> "Skip":
        """The skip connection with `bias` as the choice of the layers inside that have made none."""
        return Skip([layer.with_default_bias(bias) for layer in self.layers], self.activations)

    def with_default_activation(self, activation: AbstractActivation | None) -> "Skip":
        """The skip connection with `activation` between its layers, if it has none; `InputError` if both have none."""
        if self.activations is None and activation is None:
            raise InputError(
                "A skip connection around several layers needs an activation between them; give it its own, as in "
                "Skip(layers, activation='relu')."
            )
        within = [w.with_default_activation(activation) if isinstance(w, Skip) else w for w in self.layers]
        return Skip(within, activation if self.activations is None else self.activations)

    @property
    def _between(self) -> tuple[AbstractActivation, ...]:
        assert self.activations is not None
        return self.activations

    def _inputs(self, given: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The input shape of each layer inside, then the output shape of the last."""
        shapes = [given]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return shapes

    def _within(self, given: tuple[int, ...]) -> list[tuple[AbstractLayer, tuple[int, ...]]]:
        return list(zip(self.layers, self._inputs(given), strict=False))

    def _parts(self, parameters: Theta, given: tuple[int, ...]) -> list[tuple[AbstractLayer, Theta, tuple[int, ...]]]:
        """Each layer inside with its own parameters and its input shape."""
        rest, parts = tuple(parameters), []
        for layer, at in self._within(given):
            count = len(layer.shapes(at))
            parts.append((layer, rest[:count], at))
            rest = rest[count:]
        return parts
