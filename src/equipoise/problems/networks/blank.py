"""Networks from a user's settings, first without targets, then with them; all checks of the settings are here."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.problems.networks.activations import AbstractActivation, as_activation
from equipoise.problems.networks.layers import AbstractLayer, Dense, Skip
from equipoise.problems.networks.losses import AbstractLoss, as_loss
from equipoise.problems.networks.network import Network

Activations = str | AbstractActivation | Sequence[str | AbstractActivation]
"""One activation for all layers, or one for each layer with parameters except the last; by name or as an object."""


def blank_network(
    widths: Sequence[Any] | None,
    inputs: np.ndarray,
    layers: Sequence[Any] | None,
    activation: Activations,
    loss: str | AbstractLoss,
    bias: bool,
) -> Network:
    """The network with zeros as targets."""
    made = tuple(_completed(layer, bias, activation) for layer in _layers(widths, layers, inputs.shape[1:]))
    bare = Network(made, (), as_loss(loss), inputs, np.zeros((inputs.shape[0], 1), inputs.dtype))
    last = bare.layer_inputs[-1]
    activations = _activations(activation, sum(1 for shapes in bare.layer_shapes if shapes))
    return Network(
        made, activations, bare.loss_function, inputs, np.zeros((inputs.shape[0], math.prod(last)), inputs.dtype)
    )


def _completed(layer: AbstractLayer, bias: bool, activation: Activations) -> AbstractLayer:
    """The layer with the network's bias and activation where it has none of its own."""
    chosen = layer.with_default_bias(bias)
    if not isinstance(chosen, Skip):
        return chosen
    return chosen.with_default_activation(
        as_activation(activation) if isinstance(activation, str | AbstractActivation) else None
    )


def with_targets(blank: Network, targets: Any) -> Network:
    """The network with a user's targets, checked."""
    points, outputs = blank.targets.shape
    given = array("targets", targets, blank.dtype)
    if given.shape[0] != points:
        raise InputError(f"There are {points} inputs, but {given.shape[0]} targets; give one target for each input.")
    read = blank.loss_function.read(given, outputs)
    if math.prod(read.shape[1:]) != outputs:
        raise InputError(
            f"Layer {len(blank.layers)} ({type(blank.layers[-1]).__name__}), the last, has outputs of shape "
            f"{blank.layer_inputs[-1]}, but the targets have shape {given.shape[1:]}; change one of them."
        )
    read = np.asarray(read, blank.dtype).reshape(points, outputs)
    return Network(blank.layers, blank.activations, blank.loss_function, blank.inputs, read)


def array(name: str, given: Any, dtype: np.dtype) -> np.ndarray:
    """A user's data, one row for each point, checked."""
    try:
        if given is None or np.iscomplexobj(given):
            raise TypeError("they are missing" if given is None else "they are complex")
        found = np.array(given, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise InputError(f"The {name} are not an array of real numbers ({error}).") from error
    if found.ndim == 0 or found.size == 0:
        raise InputError(f"The {name} have shape {found.shape}; give one row for each point, at least one.")
    bad = np.argwhere(~np.isfinite(found))
    if bad.size:
        where = tuple(int(i) for i in bad[0])
        raise InputError(f"The {name} have {len(bad)} NaN or infinite entries, the first at {where}; replace them.")
    return found


def _layers(
    widths: Sequence[Any] | None, layers: Sequence[Any] | None, given: tuple[int, ...]
) -> tuple[AbstractLayer, ...]:
    """The layers, given as themselves or by their widths."""
    if (widths is None) == (layers is None):
        raise InputError("A network needs either its widths or its layers; give exactly one of them.")
    if layers is not None:
        strange = [layer for layer in layers if not isinstance(layer, AbstractLayer)]
        if strange or not layers:
            what = f"{strange[0]!r} is not a layer" if strange else "There are no layers"
            raise InputError(f"{what}; give layers such as equipoise.problems.networks.Dense(10).")
        return tuple(layers)
    assert widths is not None
    numbers = [whole_number("A width of a network", width, 1) for width in widths]
    if len(numbers) < 2:
        raise InputError(f"The widths are {tuple(widths)}; give at least the number of inputs and that of outputs.")
    if numbers[0] != math.prod(given):
        raise InputError(
            f"Layer 1 (Dense) needs {numbers[0]} inputs for each point, but the inputs have shape {given} for each; "
            "change one of them."
        )
    return tuple(Dense(width) for width in numbers[1:])


def _activations(given: Activations, count: int) -> tuple[AbstractActivation, ...]:
    """One activation for each layer with parameters except the last."""
    if isinstance(given, str | AbstractActivation):
        return (as_activation(given),) * (count - 1)
    chosen = tuple(as_activation(each) for each in given)
    if len(chosen) != count - 1:
        raise InputError(
            f"There are {len(chosen)} activations, but {count} layers with parameters; give one for all layers, or "
            f"{count - 1}: one for each layer except the last."
        )
    return chosen
