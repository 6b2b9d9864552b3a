"""Constructors of networks by their widths or their layers, on given or random data."""

import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import DTypeLike

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.core.seeds import generator
from equipoise.core.types import Theta
from equipoise.problems.constructors import precision
from equipoise.problems.networks.blank import Activations, array, blank_network, with_targets
from equipoise.problems.networks.losses import AbstractLoss
from equipoise.problems.networks.network import Network
from equipoise.problems.seeds import Stream


def network(
    widths: Sequence[Any] | None = None,
    inputs: Any = None,
    targets: Any = None,
    *,
    layers: Sequence[Any] | None = None,
    activation: Activations = "relu",
    loss: str | AbstractLoss = "quadratic",
    bias: bool = False,
    dtype: DTypeLike = np.float64,
) -> Network:
    """A feed-forward network f_θ on m points (x_i, y_i): loss(θ) = 1/m Σ ℓ(f_θ(x_i), y_i).

    - `widths`: the number of inputs, the number of neurons of each hidden layer, and the number of outputs, for fully
      connected layers. Give either `widths` or `layers`.
    - `inputs`: the x_i, an array with one row (of any shape) for each point.
    - `targets`: the y_i, an array with one row of outputs for each point; for the cross-entropy, also a class for each.
    - `layers`: the layers from input to output, from `equipoise.problems.networks`: `Dense`, `Convolution`, `Shared`,
      `MaxPooling`, `Skip`, `Attention`.
    - `activation`: "linear", "relu" (the default), "leaky_relu", "squared_relu", "sigmoid", "tanh", or an object such
      as `LeakyReLU(0.2)`; one for all layers, or one for each layer with parameters except the last.
    - `loss`: ℓ: "quadratic" (½‖f − y‖², the default), "logistic" (targets ±1), "cross_entropy", or an object.
    - `bias`: whether a layer has a bias if it does not choose for itself; False by default.
    - `dtype`: the precision, float64 or float32; float64 by default.

    θ holds the weight of each layer, followed by its bias if there is one. A step size η for the sum over points
    corresponds to mη for the mean here. Raises `InputError` for shapes that do not fit, with the layer and both shapes,
    for unknown names, and for entries that are not finite.
    Source: Du et al. (2018), Eq. (4).
    """
    rows = array("inputs", inputs, precision(dtype))
    return with_targets(blank_network(widths, rows, layers, activation, loss, bias), targets)


def planted_network(
    widths: Sequence[Any] | None = None,
    points: int = 100,
    *,
    seed: int,
    targets: str = "teacher",
    teacher: Sequence[Any] | None = None,
    input_shape: Sequence[int] | None = None,
    layers: Sequence[Any] | None = None,
    activation: Activations = "relu",
    loss: str | AbstractLoss = "quadratic",
    bias: bool = False,
    dtype: DTypeLike = np.float64,
) -> Network:
    """A network on random data: N(0, 1) inputs, and targets from a teacher network or from N(0, 1) numbers.

    - `widths`, `layers`, `activation`, `loss`, `bias`, `dtype`: as in `network`.
    - `points`: the number m of points; 100 by default.
    - `seed`: the seed of all random numbers.
    - `targets`: "teacher" (the default) or "random". The outputs of the teacher, or the random numbers, are turned into
      the targets that the loss needs: numbers, signs or classes.
    - `teacher`: the widths of the teacher; by default it has the widths or layers of the network itself. Its parameters
      are drawn from N(0, 2/n) with n inputs to each neuron.
    - `input_shape`: the shape of one point, needed with `layers`; by default (widths[0],).

    Raises `InputError` as `network` does, and if the shape of a point is missing.
    """
    if targets not in ("teacher", "random"):
        raise InputError(f"targets is {targets!r}; it must be 'teacher' or 'random'.")
    if input_shape is None and not widths:
        raise InputError("The shape of a point is missing; give widths, or input_shape with layers.")
    shape = tuple(input_shape) if input_shape is not None else tuple(widths or ())[:1]
    kind, random = precision(dtype), generator(whole_number("seed", seed, 0), Stream.NETWORK)
    inputs = random.standard_normal((whole_number("The number of points", points, 1), *shape)).astype(kind)
    blank = blank_network(widths, inputs, layers, activation, loss, bias)
    outputs = random.standard_normal(blank.targets.shape).astype(kind)
    if targets == "teacher":
        master = blank if teacher is None else blank_network(teacher, inputs, None, activation, loss, bias)
        weights = (random.standard_normal(s) * (2 / math.prod(s[1:])) ** 0.5 for s in master.shapes)
        outputs = _outputs(master, tuple(w.astype(kind) for w in weights))
    with numerics():
        found = np.asarray(blank.loss_function.targets(jnp.asarray(outputs)))
    return with_targets(blank, found)


def _outputs(network: Network, theta: Theta) -> np.ndarray:
    """The outputs of a network, compiled as a whole, which is faster than operation by operation."""
    with numerics():
        return np.asarray(eqx.filter_jit(Network.outputs)(network, theta))
