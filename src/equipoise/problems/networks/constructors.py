"""Front doors: networks by their widths or their layers, on data that are given or planted."""

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
    """A feed-forward network on data: the mean over m points of ℓ(f_θ(x_i), y_i).

    `widths` are the numbers of inputs, of neurons in each hidden layer, and of outputs, all fully connected; or
    `layers` are `Dense`, `Convolution`, `Shared`, `MaxPooling` and `Skip` of `equipoise.problems.networks`, from the
    input to the output.
    `inputs` is an array with one row (of any shape) for each point, `targets` one with a row of outputs, or, for the
    cross-entropy, the class of each point. `activation` is "linear", "relu", "leaky_relu", "squared_relu", "sigmoid",
    "tanh" or an object such as `LeakyReLU(0.2)`, one for all or one for each layer with parameters but the last. `loss`
    is "quadratic" (½‖f − y‖²), "logistic" (targets ±1) or "cross_entropy". `bias` holds for every layer that does not
    say otherwise. θ is the weight of each layer, followed by its bias if there is one.

    With the sum over points in place of the mean, the step size η is mη here. Raises `InputError`, naming the layer and
    both shapes, where these do not fit, and for unknown names and entries that are not finite.
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
    """A network on random data: N(0, 1) inputs, and targets set by a teacher network, or by N(0, 1) numbers.

    `targets` is "teacher" or "random". The teacher has the widths `teacher`, or the widths or layers of the network
    itself, and parameters from N(0, 2/n) with n inputs to each neuron. Its outputs, or the random numbers, become
    targets as the loss has them: numbers, signs or classes. `input_shape` is the shape of a point where `layers` are
    given. The rest is as in `network`. Everything follows from `seed`.
    """
    if targets not in ("teacher", "random"):
        raise InputError(f"There are no targets {targets!r}; use 'teacher' or 'random'.")
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
    """Compiled as one, which is faster than operation by operation."""
    with numerics():
        return np.asarray(eqx.filter_jit(Network.outputs)(network, theta))
