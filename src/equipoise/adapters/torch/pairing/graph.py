"""The data flow of a PyTorch model, by symbolic tracing of its own `forward`, as far as it can be traced."""

import contextlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import fx, nn

from equipoise.adapters.torch.pairing.modules import is_layer


class Reading(NamedTuple):
    """The computation of a module, as a graph of calls."""

    root: nn.Module
    graph: fx.Graph

    def module(self, node: fx.Node) -> nn.Module | None:
        """The module that a node calls, or None if it calls none."""
        return self.root.get_submodule(str(node.target)) if node.op == "call_module" else None


class Tracer(fx.Tracer):
    """Traces into every module except layers and modules without parts; a call that cannot be traced stays one node.

    Its methods override those of torch.fx, as torch.fx requires.
    """

    unread: dict[nn.Module, str]

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Whether a call of the module is one node."""
        without_parts = m.__module__.startswith("torch.nn") and not any(True for _ in m.children())
        return is_layer(m) or without_parts

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """The traced call; if `forward` fails with symbolic values, one node, with the reason in `unread`."""
        if self.is_leaf_module(m, ""):
            return fx.Tracer.call_module(self, m, forward, args, kwargs)
        made, depth = len(self.graph.nodes), len(self.module_stack)
        try:
            return fx.Tracer.call_module(self, m, forward, args, kwargs)
        except Exception as error:  # a forward may raise anything when it gets symbols
            for node in reversed(list(self.graph.nodes)[made:]):
                self.graph.erase_node(node)
            while len(self.module_stack) > depth:
                self.module_stack.popitem(last=True)
            self.unread[m] = first_sentence(error)
            return self.create_proxy("call_module", self.path_of_module(m), args, kwargs)


def read_model(model: nn.Module) -> tuple[list[Reading], dict[nn.Module, str]]:
    """Graphs of the model, or of its largest parts that can be traced; and the reasons why other parts cannot.

    The parts of a module that cannot be traced are read one by one, as if each were only called as a whole.
    """
    readings: list[Reading] = []
    unread: dict[nn.Module, str] = {}
    waiting: list[nn.Module] = [model]
    seen: set[nn.Module] = set()
    while waiting:
        module = waiting.pop(0)
        if module in seen or is_layer(module):
            continue
        seen.add(module)
        reading, failed = _trace(module)
        readings += reading
        unread |= failed
        waiting += [child for parent in failed for child in parent.children()]
    return readings, unread


def _trace(module: nn.Module) -> tuple[list[Reading], dict[nn.Module, str]]:
    """The graph of a module called with one value per argument without default, and what could not be traced."""
    tracer = Tracer()
    tracer.unread = {}
    try:
        defaults = {
            name: parameter.default
            for name, parameter in inspect.signature(module.forward).parameters.items()
            if parameter.default is not inspect.Parameter.empty
        }
        with _untouched(module):
            graph = tracer.trace(module, concrete_args=defaults)
    except Exception as error:  # as above
        return [], {module: first_sentence(error)}
    return [Reading(module, graph)], tracer.unread


@contextlib.contextmanager
def _untouched(root: nn.Module) -> Iterator[None]:
    """Undo all side effects of a traced forward: on attributes, random numbers and warnings."""
    before = [(module, dict(module.__dict__), dict(module._buffers)) for module in root.modules()]
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for module, attributes, buffers in before:
            module.__dict__.clear()
            module.__dict__.update(attributes)
            module._buffers.clear()
            module._buffers.update(buffers)


def first_sentence(error: Exception) -> str:
    """The first line of an error's message, or the name of its class."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
