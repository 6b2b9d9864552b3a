"""The way of a layer's output to the next layer, or to the operation that ends it."""

import numbers
from collections import Counter
from typing import NamedTuple

from torch import fx, nn

from equipoise.adapters.torch.pairing.functions import after_function, is_shape_reading
from equipoise.adapters.torch.pairing.graph import Reading
from equipoise.adapters.torch.pairing.modules import after_module, is_layer, position_axes
from equipoise.adapters.torch.pairing.state import Carried, Outcome

OUTPUT = "gives the output of the model"


class Call(NamedTuple):
    """A call of a module: a node, and the graph it is in."""

    reading: Reading
    node: fx.Node


class Arrival(NamedTuple):
    """The layer that an output goes into, and the state of the value there."""

    layer: nn.Module
    carried: Carried


class Names(NamedTuple):
    """The modules' paths in the model, and the reasons why some could not be read."""

    paths: dict[nn.Module, str]
    unread: dict[nn.Module, str]


def follow(names: Names, layer: nn.Module, call: Call) -> Arrival | str:
    """Where the output of this call arrives, or the reason why it arrives nowhere, as the end of a sentence."""
    reading, node = call
    carried = Carried(axes=position_axes(layer))
    while True:
        users = [user for user in node.users if not is_shape_reading(_function(user), user.args)]
        if len(users) != 1:
            ways = ", ".join(_label(names, reading, user) for user in users)
            return f"goes {len(users)} ways, to {ways} (a branch or a skip connection)" if users else "is not used"
        user = users[0]
        if user.op == "output":
            path = names.paths[reading.root]
            return f"leaves {path}, which could not be followed further" if path else OUTPUT
        reached = reading.module(user)
        if reached is not None and is_layer(reached) and user.all_input_nodes == [node]:
            return Arrival(reached, carried)
        outcome = _after(names, reading, node, user, carried)
        if isinstance(outcome, str):
            return f"goes into {_label(names, reading, user)}, which {outcome}"
        node, carried = user, outcome


def _after(names: Names, reading: Reading, node: fx.Node, user: fx.Node, carried: Carried) -> Outcome:
    """The value after the call `user`, or the reason why it is lost there."""
    module = reading.module(user)
    if module is not None and module in names.unread:
        return f"could not be traced ({names.unread[module]})"
    arguments = _scaled_first(user, node)
    if arguments is None:
        return "joins it with another value, as a skip connection does"
    if module is not None:
        return after_module(carried, _label(names, reading, user), module)
    return after_function(carried, _function(user), arguments, user.kwargs)


def _scaled_first(user: fx.Node, node: fx.Node) -> tuple[object, ...] | None:
    """The arguments of a call, with `node` first, or None if it reads other values than shapes and slopes."""
    arguments = user.args
    if _function(user) == "mul" and len(arguments) == 2 and isinstance(arguments[0], numbers.Real):
        arguments = (arguments[1], arguments[0])
    if not arguments or arguments[0] is not node:
        return None
    counts = Counter(_nodes((arguments, tuple(user.kwargs.values()))))
    allowed = {other for other in counts if _is_shape(other)}
    if _function(user) == "prelu":
        allowed |= {other for other in counts if other.op == "get_attr"}
    return arguments if set(counts) - allowed == {node} and counts[node] == 1 else None


def _nodes(value: object) -> list[fx.Node]:
    if isinstance(value, fx.Node):
        return [value]
    return [node for part in value for node in _nodes(part)] if isinstance(value, tuple | list) else []


def _is_shape(node: fx.Node) -> bool:
    """Whether a value depends only on shapes."""
    if is_shape_reading(_function(node), node.args):
        return True
    return node.op == "call_function" and bool(node.all_input_nodes) and all(map(_is_shape, node.all_input_nodes))


def _function(node: fx.Node) -> str:
    """The name of the function or method that a node calls, or an empty string."""
    if node.op == "call_function":
        return str(getattr(node.target, "__name__", node.target))
    return str(node.target) if node.op == "call_method" else ""


def _label(names: Names, reading: Reading, node: fx.Node) -> str:
    """The name of what a node calls, for the reader."""
    module = reading.module(node)
    if module is None:
        return _function(node) or f"the {node.op}"
    return f"{names.paths[module]} ({type(module).__name__})"
