"""The weights of a PyTorch model's layers by name, checked, in the form that the arithmetic needs."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import nn

from equipoise.adapters.arithmetic import LayerArrays, Library, Tensor
from equipoise.adapters.plan import Plan, Shape
from equipoise.adapters.torch.layouts import gathered, laid_out, shape_of
from equipoise.core.errors import InputError


def _widened(tensor: Tensor) -> Tensor:
    """The tensor in float64, or in float32 on Apple's devices, which have no float64."""
    return tensor.to(torch.float32 if tensor.device.type == "mps" else torch.float64)


LIBRARY = Library(_widened, lambda vectors: torch.cat(list(vectors)), gathered)


def shapes_of(model: nn.Module, names: Iterable[str]) -> dict[str, Shape]:
    """The shapes of the layers; raises `InputError` for a name without a weight, or layers on several devices."""
    shapes, devices = {}, set()
    for name in names:
        layer = _layer(model, name)
        shapes[name] = _shape(name, layer)
        devices.add(str(_weight(name, layer).device))
    if len(devices) > 1:
        places = ", ".join(sorted(devices))
        raise InputError(f"The layers are on several devices, {places}; make a monitor for each, naming its pairs=.")
    return shapes


def layer_arrays(model: nn.Module, plan: Plan, *, gradients: bool = False) -> list[LayerArrays]:
    """The plan's weights, and the biases of the first layers of pairs; or the gradients of both.

    Raises `InputError` for a layer that no longer exists or has changed its shape, and for a missing gradient.
    """
    arrays, firsts = [], {link.first for link in plan.links}
    for number, (name, shape) in enumerate(zip(plan.layers, plan.shapes, strict=True)):
        layer = _layer(model, name)
        if _shape(name, layer) != shape:
            raise InputError(f"{name} has changed its shape or lost its bias; make a new monitor when layers change.")
        weight = laid_out(_taken(name, layer, "weight", gradients), shape)
        bias = _taken(name, layer, "bias", gradients) if shape.bias and number in firsts else None
        arrays.append(LayerArrays(weight, bias))
    return arrays


def _taken(name: str, layer: nn.Module, kind: str, gradient: bool) -> torch.Tensor:
    """A parameter, or its gradient."""
    parameter = getattr(layer, kind)
    if not gradient:
        return parameter.detach()
    if parameter.grad is None:
        raise InputError(f"The {kind} of {name} has no gradient; call gradient_mismatch after loss.backward().")
    return parameter.grad.detach()


def _layer(model: nn.Module, name: str) -> nn.Module:
    try:
        return model.get_submodule(name)
    except AttributeError as error:
        raise InputError(f"There is no layer {name} in the model; name a submodule, as named_modules does.") from error


def _weight(name: str, layer: nn.Module) -> torch.Tensor:
    weight = getattr(layer, "weight", None)
    if not isinstance(weight, torch.Tensor) or weight.ndim < 2 or not weight.is_floating_point():
        raise InputError(f"{name} is a {type(layer).__name__} without a weight matrix of real numbers; name another.")
    if weight.is_meta:
        raise InputError(f"The weight of {name} is on the meta device, without numbers; move the model to another.")
    return weight


def _shape(name: str, layer: nn.Module) -> Shape:
    return shape_of(layer, _weight(name, layer))


def stacked(vectors: Sequence[Tensor]) -> np.ndarray:
    """Tensors of one shape, stacked as a NumPy array of float64."""
    device = vectors[-1].device
    return np.asarray(torch.stack([vector.to(device) for vector in vectors]).to("cpu", torch.float64).numpy())


def given(array: np.ndarray) -> Tensor:
    """A NumPy array as a tensor."""
    return torch.from_numpy(np.array(array))
