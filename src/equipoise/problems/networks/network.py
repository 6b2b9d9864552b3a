"""A feed-forward network as a problem: its loss on data, as a function of parameters in layers."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.errors import InputError
from equipoise.core.layered import AbstractLayered, Between, Chain, Layer
from equipoise.core.precision import float64
from equipoise.core.problem import Curvature
from equipoise.core.quick_normal import quick_normal
from equipoise.core.sampled import AbstractSampled
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, Shapes, Theta
from equipoise.problems.networks.activations import AbstractActivation, Linear, name_of
from equipoise.problems.networks.layers import AbstractLayer
from equipoise.problems.networks.losses import AbstractLoss


class Network(AbstractSampled, AbstractLayered):
    """loss(θ) = 1/m Σ ℓ(f_θ(x_i), y_i), f_θ(x) = layer_N(φ_{N−1}(… φ_1(layer_1(x)))).

    θ holds the free parameters layer by layer: the weight, then the bias if there is one. The gradient is by automatic
    differentiation. Networks are made by `network` and `planted_network`.

    - `layers`: the layers from input to output.
    - `activations`: one φ for each layer with parameters except the last. A pooling comes after the φ of the layer
      before it.
    - `loss_function`: ℓ.
    - `inputs`: the x_i, m points of any shape.
    - `targets`: the y_i, m x p numbers for the p outputs of the last layer.

    Source: Du et al. (2018), Eq. (4).
    """

    layers: tuple[AbstractLayer, ...]
    activations: tuple[AbstractActivation, ...]
    loss_function: AbstractLoss
    inputs: Float[AnyArray, "m ..."]
    targets: Float[AnyArray, "m p"]

    @property
    def layer_inputs(self) -> tuple[tuple[int, ...], ...]:
        """The input shape of each layer at one point, then the output shape; `InputError` if a layer does not fit."""
        given = [tuple(self.inputs.shape[1:])]
        for number, layer in enumerate(self.layers, start=1):
            try:
                given.append(layer.output_shape(given[-1]))
            except InputError as error:
                raise InputError(f"{_name(number, layer)} does not fit: {error}") from error
        return tuple(given)

    @property
    def layer_shapes(self) -> tuple[Shapes, ...]:
        """The shapes of the free parameters of each layer."""
        return tuple(layer.shapes(given) for layer, given in zip(self.layers, self.layer_inputs, strict=False))

    @property
    def shapes(self) -> Shapes:
        """The shape of each array of θ."""
        return tuple(shape for shapes in self.layer_shapes for shape in shapes)

    @property
    def dtype(self) -> np.dtype:
        """The precision of the data and of the parameters."""
        return np.dtype(self.inputs.dtype)

    @property
    def points(self) -> int:
        """The number m of points."""
        return self.inputs.shape[0]

    def parts(self, theta: Theta) -> tuple[Theta, ...]:
        """θ split by layers; `InputError` with the layer and both shapes if one does not fit."""
        rest = list(theta)
        parts = []
        for number, (layer, shapes) in enumerate(zip(self.layers, self.layer_shapes, strict=True), start=1):
            part, rest = tuple(rest[: len(shapes)]), rest[len(shapes) :]
            found = tuple(tuple(w.shape) for w in part)
            if found != shapes:
                raise InputError(f"{_name(number, layer)} has parameters of shapes {shapes}, but θ has {found} there.")
            parts.append(part)
        if rest:
            raise InputError(f"θ has {len(theta)} arrays, but the layers have {len(self.shapes)}.")
        return tuple(parts)

    @float64
    def outputs(self, theta: Theta, inputs: Float[AnyArray, "m ..."] | None = None) -> Float[Array, "m p"]:
        """f_θ at the points of the data, or at `inputs` if they are given."""
        values = jnp.asarray(self.inputs if inputs is None else inputs)
        waiting = list(self.activations)
        for layer, part in zip(self.layers, self.parts(theta), strict=True):
            values = layer.apply(part, values)
            if part and waiting:
                values = waiting.pop(0)(values)
        return values.reshape(values.shape[0], -1)

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The mean of ℓ over the points."""
        return jnp.mean(self.loss_function(self.outputs(theta), jnp.asarray(self.targets)))

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """The gradient at θ, by automatic differentiation."""
        return jax.grad(self.loss)(tuple(jnp.asarray(w) for w in theta))

    def curvature(self, theta: Theta) -> Curvature | None:
        """None: no closed form is known."""
        return None

    @float64
    def batch(self, indices: Int[AnyArray, " batch"]) -> "Network":
        """The network on these points alone; its loss is the mean over them."""
        return self._on(jnp.asarray(self.inputs)[indices], jnp.asarray(self.targets)[indices])

    @float64
    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> "Network":
        """The network with independent N(0, std²) noise added to every number of the targets."""
        drawn = quick_normal(key, self.targets.shape, self.dtype)
        return self._on(self.inputs, jnp.asarray(self.targets) + jnp.asarray(std, self.dtype) * drawn)

    @float64
    def redrawn(self, key: Key) -> "Network":
        """The network on independent N(0, 1) inputs, with the targets that independent N(0, 1) outputs would give."""
        keys = jax.random.split(key)
        drawn = (
            jax.random.normal(k, given.shape, self.dtype)
            for k, given in zip(keys, (self.inputs, self.targets), strict=True)
        )
        inputs, outputs = drawn
        return self._on(inputs, self.loss_function.targets(outputs))

    def chain(self, theta: Theta) -> Chain:
        """The layers that have parameters, and the activations between them."""
        layers: list[Layer] = []
        between: list[Between] = []
        waiting, pooled, before = list(self.activations), False, ""
        parts, given = self.parts(theta), self.layer_inputs
        for number, (layer, part) in enumerate(zip(self.layers, parts, strict=True), start=1):
            if not part:
                pooled = True
                continue
            inside = layer.chain(part, given[number - 1], _name(number, layer))
            split = f"{_name(number, layer)} {layer.splits}" if layer.splits and len(inside.layers) > 1 else ""
            if layers:
                activation = waiting.pop(0)
                linear = isinstance(activation, Linear) and not pooled
                between.append(Between(name_of(activation), activation.degree, linear, before or split))
            layers.extend(inside.layers)
            between.extend(inside.between)
            pooled, before = False, split
        return Chain(tuple(layers), tuple(between))

    @float64
    def end_to_end(self, theta: Theta) -> Float[Array, "p n"]:
        """The matrix of the linear map f_θ(x) − f_θ(0); raises `InputError` if an activation is not linear."""
        for number, between in enumerate(self.chain(theta).between, start=1):
            if not between.is_linear:
                raise InputError(
                    f"The network is not linear: {between.activation} lies between layers {number} and {number + 1}; "
                    "use a linear network."
                )
        shape = self.inputs.shape[1:]
        basis = jnp.eye(int(np.prod(shape)), dtype=self.dtype).reshape(-1, *shape)
        constant = self.outputs(theta, jnp.zeros((1, *shape), self.dtype))
        return (self.outputs(theta, basis) - constant).T

    def _on(self, inputs: Float[AnyArray, "m ..."], targets: Float[AnyArray, "m p"]) -> "Network":
        """The same network on other data."""
        return Network(self.layers, self.activations, self.loss_function, inputs, targets)


def _name(number: int, layer: AbstractLayer) -> str:
    """The name of a layer in messages."""
    return f"Layer {number} ({type(layer).__name__})"
