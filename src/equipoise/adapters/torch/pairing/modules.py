"""The effects of PyTorch's modules on the channels of a value."""

from typing import Any

from torch import nn

from equipoise.adapters.torch.layouts import TRANSPOSED_CONVOLUTIONS
from equipoise.adapters.torch.pairing.state import (
    NORMALIZES,
    NOT_HOMOGENEOUS,
    UNKNOWN,
    Carried,
    Outcome,
    flattened,
    pooled,
)

_CONVOLUTIONS = {nn.Conv1d: 1, nn.Conv2d: 2, nn.Conv3d: 3}

LAYERS = (nn.Linear, *_CONVOLUTIONS, *TRANSPOSED_CONVOLUTIONS)
"""The kinds of layers that can be paired."""

# φ(cx) = c φ(x) for c > 0; the slopes of PReLU and RReLU are not scaled and not part of what is conserved
_HOMOGENEOUS = (nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.RReLU)
_DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
_LARGEST = {
    nn.MaxPool1d: 1,
    nn.MaxPool2d: 2,
    nn.MaxPool3d: 3,
    nn.AdaptiveMaxPool1d: 1,
    nn.AdaptiveMaxPool2d: 2,
    nn.AdaptiveMaxPool3d: 3,
}
_MEANS = {
    nn.AvgPool1d: 1,
    nn.AvgPool2d: 2,
    nn.AvgPool3d: 3,
    nn.AdaptiveAvgPool1d: 1,
    nn.AdaptiveAvgPool2d: 2,
    nn.AdaptiveAvgPool3d: 3,
}
_PADS = {
    nn.ZeroPad1d: 1,
    nn.ZeroPad2d: 2,
    nn.ZeroPad3d: 3,
    nn.ReflectionPad1d: 1,
    nn.ReflectionPad2d: 2,
    nn.ReflectionPad3d: 3,
    nn.ReplicationPad1d: 1,
    nn.ReplicationPad2d: 2,
    nn.ReplicationPad3d: 3,
    nn.CircularPad1d: 1,
    nn.CircularPad2d: 2,
    nn.CircularPad3d: 3,
}


def is_layer(module: nn.Module) -> bool:
    """Whether the module is a Linear, Conv or ConvTranspose layer, or a subclass with the same `forward`."""
    return any(isinstance(module, kind) and _acts_as(module, kind) for kind in LAYERS)


def _acts_as(module: nn.Module, kind: type) -> bool:
    names = ("forward", "_conv_forward")
    return all(getattr(type(module), name, None) is getattr(kind, name, None) for name in names)


def position_axes(layer: nn.Module) -> int:
    """The number of axes of positions in its values: 0 for Linear, 2 for Conv2d."""
    return next(
        (axes for kind, axes in (_CONVOLUTIONS | TRANSPOSED_CONVOLUTIONS).items() if isinstance(layer, kind)), 0
    )


def after_module(carried: Carried, name: str, module: nn.Module) -> Outcome:
    """The value after the module, or the reason why its channels are lost, as the end of a sentence on the module."""
    kind = type(module)
    if kind is nn.Identity:
        return carried
    if kind in _HOMOGENEOUS:
        return carried.through(name, linear=False)
    if kind in _DROPOUTS:
        # every neuron has its own mask: linear, but not the same for all
        return carried.through(name, linear=bool(module.p == 0))
    if kind in _LARGEST:
        if module.return_indices:
            return "returns indices beside the values"
        return pooled(carried, name, _LARGEST[kind], linear=False)
    if kind in _MEANS or kind in _PADS:
        return pooled(carried, name, _MEANS[kind] if kind in _MEANS else _PADS[kind], linear=True)
    if kind is nn.Flatten:
        return flattened(carried, name, module.start_dim, module.end_dim)
    return reason_against(kind)


def reason_against(kind: type[Any]) -> str:
    """The reason why a module of this kind breaks a pair."""
    place = kind.__module__
    if place == "torch.nn.modules.activation" and "Attention" not in kind.__name__:
        return NOT_HOMOGENEOUS
    if place in (f"torch.nn.modules.{name}" for name in ("batchnorm", "instancenorm", "normalization")):
        return NORMALIZES
    if place == "torch.nn.modules.rnn":
        return "is recurrent, with gates that are not homogeneous"
    return UNKNOWN
