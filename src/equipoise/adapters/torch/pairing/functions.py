"""The effects of PyTorch's functions and methods on the channels of a value."""

import numbers
from collections.abc import Callable, Mapping
from typing import Any

from equipoise.adapters.torch.pairing.state import (
    NORMALIZES,
    NOT_HOMOGENEOUS,
    UNKNOWN,
    Carried,
    Outcome,
    flattened,
    pooled,
    reduced,
    reshaped,
    squeezed,
)

Arguments = tuple[Any, ...]
Named = Mapping[str, Any]

_HOMOGENEOUS = {"relu", "relu_", "leaky_relu", "leaky_relu_", "rrelu", "rrelu_", "prelu", "abs", "abs_"}
_DROPOUTS = {"dropout", "dropout_", "dropout1d", "dropout2d", "dropout3d", "feature_dropout"}
_AS_THEY_ARE = {"contiguous", "clone", "to", "float", "double", "half", "bfloat16", "neg", "cuda", "cpu", "type"}
_SMOOTH = {
    *("celu", "elu", "exp", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "log", "log_softmax"),
    *("logsigmoid", "mish", "pow", "relu6", "selu", "sigmoid", "sigmoid_", "silu", "softmax", "softmin", "softplus"),
    *("softshrink", "softsign", "sqrt", "square", "tanh", "tanh_", "tanhshrink", "threshold"),
}
_NORMS = {"batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "normalize", "rms_norm"}
_SCALES = {"mul", "mul_", "imul", "truediv", "itruediv", "div", "div_"}
_SHAPES = {"size", "dim", "getattr", "numel"}
_SHAPE_ATTRIBUTES = {"shape", "ndim", "dtype", "device"}


def is_shape_reading(name: str, arguments: Arguments) -> bool:
    """Whether the function only reads a shape."""
    return name in _SHAPES and (name != "getattr" or arguments[1] in _SHAPE_ATTRIBUTES)


def after_function(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
    """The value after the function, which took it as first argument, or the reason why its channels are lost."""
    if name in _AS_THEY_ARE:
        return carried
    if name in _HOMOGENEOUS or _is_rectifier(name, arguments, named):
        return carried.through(name, linear=False)
    if name in _DROPOUTS:
        return carried.through(name, linear=False)
    if name in _RULES:
        return _RULES[name](carried, name, arguments, named)
    for what, names in ((NOT_HOMOGENEOUS, _SMOOTH), (NORMALIZES, _NORMS)):
        if name in names:
            return what
    return UNKNOWN


def _is_rectifier(name: str, arguments: Arguments, named: Named) -> bool:
    """max(x, 0) written as a clamp."""
    if name not in ("clamp", "clamp_", "clamp_min", "clamp_min_", "clip"):
        return False
    least, most = [*arguments[1:], None, None][:2]
    return named.get("min", least) == 0 and named.get("max", most) is None


def _argument(arguments: Arguments, named: Named, place: int, name: str, default: Any) -> Any:
    return named.get(name, arguments[place] if len(arguments) > place else default)


def _flatten(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
    start, end = (_argument(arguments, named, *which) for which in ((1, "start_dim", 0), (2, "end_dim", -1)))
    return flattened(carried, name, start, end)


def _view(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
    return reshaped(carried, name, arguments[1:] or (named.get("shape", ()),))


def _scale(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
    if len(arguments) == 2 and isinstance(arguments[1], numbers.Real) and not named:
        return carried.through(f"{name} {arguments[1]:g}")
    return "multiplies it with something that is not a number"


def _squeeze(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
    return squeezed(carried, name, _argument(arguments, named, 1, "dim", None))


def _pad(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
    widths = _argument(arguments, named, 1, "pad", ())
    mode, value = (_argument(arguments, named, *which) for which in ((2, "mode", "constant"), (3, "value", None)))
    if mode == "constant" and value:
        return f"pads with {value}, which is not scaled with the channel"
    if not isinstance(widths, tuple | list) or len(widths) > 2 * carried.axes:
        return "pads the channels"
    return carried.through(name)


def _resize(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
    return pooled(carried, name, carried.axes, linear=True) if carried.axes else "resizes the axis of the channels"


def _reduce(linear: bool) -> Callable[[Carried, str, Arguments, Named], Outcome]:
    def rule(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
        axes = _argument(arguments, named, 1, "dim", None)
        keep = bool(_argument(arguments, named, 2, "keepdim", False))
        return reduced(carried, name, axes, keep=keep, linear=linear)

    return rule


def _pool(axes: int, linear: bool) -> Callable[[Carried, str, Arguments, Named], Outcome]:
    def rule(carried: Carried, name: str, arguments: Arguments, named: Named) -> Outcome:
        if named.get("return_indices"):
            return "returns indices beside the values"
        return pooled(carried, name, axes, linear=linear)

    return rule


_RULES: dict[str, Callable[[Carried, str, Arguments, Named], Outcome]] = {
    "flatten": _flatten,
    "view": _view,
    "reshape": _view,
    "squeeze": _squeeze,
    "pad": _pad,
    "interpolate": _resize,
    "upsample": _resize,
    "mean": _reduce(True),
    "sum": _reduce(True),
    "amax": _reduce(False),
    **{name: _scale for name in _SCALES},
    **{f"{kind}_pool{n}d": _pool(n, False) for kind in ("max", "adaptive_max") for n in (1, 2, 3)},
    **{f"{kind}_pool{n}d": _pool(n, True) for kind in ("avg", "adaptive_avg") for n in (1, 2, 3)},
}
