"""The pairs of layers in a PyTorch model, and for other layers the reasons against a pair."""

from collections import defaultdict
from typing import NamedTuple

from torch import nn
from torch.nn.parameter import UninitializedParameter

from equipoise.adapters.pairs import Pair
from equipoise.adapters.torch.layouts import shape_of
from equipoise.adapters.torch.pairing.follow import Arrival, Call, Names, follow
from equipoise.adapters.torch.pairing.graph import Reading, read_model
from equipoise.adapters.torch.pairing.modules import is_layer, position_axes
from equipoise.core.errors import InputError

Calls = dict[nn.Module, list[Call]]


class Found(NamedTuple):
    """The pairs in a model, and a reason for each layer that is not followed by another layer."""

    pairs: tuple[Pair, ...]
    unpaired: dict[str, str]


def find_pairs(model: nn.Module) -> Found:
    """All pairs of layers where the second reads the output of the first, channel by channel, and nothing else does."""
    readings, unread = read_model(model)
    names = Names({module: path for path, module in model.named_modules()}, unread)
    layers = [module for module in model.modules() if is_layer(module)]
    calls: Calls = {layer: [] for layer in layers}
    for reading in readings:
        for node in reading.graph.nodes:
            module = reading.module(node)
            if module in calls:
                calls[module].append(Call(reading, node))
    shared = _shared_parameters(model, readings, names)
    pairs, unpaired = [], {}
    for layer in layers:
        pair = _pair(names, calls, shared, layer)
        if isinstance(pair, Pair):
            pairs.append(pair)
        else:
            unpaired[names.paths[layer]] = pair
    return Found(tuple(pairs), unpaired)


def pairs_of(model: nn.Module) -> Found:
    """As `find_pairs`; raises `InputError` with reasons if there is no pair at all."""
    found = find_pairs(model)
    if not found.pairs:
        reasons = [f"{name} {why}" for name, why in found.unpaired.items()]
        why = "; ".join(reasons[:4]) or "it has no Linear, Conv or ConvTranspose layer"
        raise InputError(
            f"There is no pair of layers to watch in {type(model).__name__} ({why}); give pairs= if you know of one, "
            "or laws='gradients'."
        )
    return found


def _pair(names: Names, calls: Calls, shared: dict[int, str], first: nn.Module) -> Pair | str:
    """The pair of a layer and the next one, or the reason why there is none, as the end of a sentence."""
    reason = _not_free(first, shared, ("weight", "bias")) or _not_seen(names, calls, first)
    if reason:
        return reason
    arrival = _next(names, calls, first)
    if isinstance(arrival, str):
        return arrival
    second, carried = arrival
    path = names.paths[second]
    reason = _not_free(second, shared, ("weight",)) or _not_seen(names, calls, second)
    if reason:
        return f"goes into {path}, which {reason}"
    neurons, columns = _sizes(first)[0], _sizes(second)[1]
    if carried.axes != position_axes(second) or not neurons:
        return f"goes into {path}, which reads other axes than those of the channels"
    if columns % neurons or (columns != neurons and (carried.squeezed or not carried.flattened)):
        return f"goes into {path}, which reads {columns} inputs, not these {neurons} outputs"
    plain = getattr(first, "groups", 1) == getattr(second, "groups", 1) == 1
    linear = carried.linear and plain
    return Pair(names.paths[first], path, linear=linear, interleaved=carried.interleaved, between=carried.between)


def _sizes(layer: nn.Module) -> tuple[int, int]:
    """The numbers of outputs and inputs of a layer; for a convolution, of channels."""
    shape = shape_of(layer, layer.get_parameter("weight"))
    return shape.outputs, shape.inputs * shape.groups


def _next(names: Names, calls: Calls, layer: nn.Module) -> Arrival | str:
    """Where the calls of the layer arrive, if all arrive at one layer that reads nothing else."""
    arrivals = [follow(names, layer, call) for call in calls[layer]]
    times = f"is called {len(arrivals)} times, as a shared layer, and "
    for arrival in arrivals:
        if isinstance(arrival, str):
            return arrival if len(arrivals) == 1 else f"{times}once {arrival}"
    if len(set(arrivals)) > 1:
        return f"{times}its outputs take different ways"
    first = arrivals[0]
    assert isinstance(first, Arrival)
    elsewhere = len(calls[first.layer]) - len(arrivals)
    if elsewhere:
        return f"goes into {names.paths[first.layer]}, which is shared: it reads {elsewhere} other values too"
    return first


def _not_seen(names: Names, calls: Calls, layer: nn.Module) -> str:
    """The reason why the calls of a layer are unknown; empty if they are known."""
    for parent, reason in names.unread.items():
        if any(child is layer for child in parent.children()):
            return f"is called in {names.paths[parent] or 'the model'}, which could not be traced ({reason})"
    return "" if calls[layer] else "is not called, or not as a module"


def _not_free(layer: nn.Module, shared: dict[int, str], kinds: tuple[str, ...]) -> str:
    """The reason why parameters of a layer cannot change freely; empty if they can."""
    for kind in kinds:
        parameter = layer._parameters.get(kind)
        if parameter is None:
            if kind == "weight" or getattr(layer, kind, None) is not None:
                return f"computes its {kind} from other parameters, as weight norm does"
            continue
        if isinstance(parameter, UninitializedParameter):
            return "has no weights yet: run a batch through the model first"
        if not parameter.is_floating_point():
            return f"has parameters of type {parameter.dtype}, which are not real numbers"
        if not parameter.requires_grad:
            return f"is frozen: requires_grad is off for its {kind}"
        if id(parameter) in shared:
            return shared[id(parameter)]
    return ""


def _shared_parameters(model: nn.Module, readings: list[Reading], names: Names) -> dict[int, str]:
    """The parameters, by identity, that several modules have or that a forward reads directly, with the reason."""
    owners: dict[int, list[str]] = defaultdict(list)
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                owners[id(parameter)].append(f"{names.paths[module]}.{name}".lstrip("."))
    shared = {key: f"shares a parameter: {' is '.join(paths)}" for key, paths in owners.items() if len(paths) > 1}
    for reading in readings:
        own = dict(reading.root.named_parameters(remove_duplicate=False))
        for node in reading.graph.nodes:
            parameter = own.get(str(node.target)) if node.op == "get_attr" else None
            if parameter is not None:
                shared.setdefault(id(parameter), "has parameters that other code reads as well")
    return shared
