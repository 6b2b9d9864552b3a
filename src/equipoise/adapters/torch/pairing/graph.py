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

    def create_args_for_root(
        self, root_fn: Callable[..., Any], is_module: bool, concrete_args: Any = None
    ) -> tuple[Any, list[Any]]:
        """A function of the module and of one value per argument without a default; decorators may hide the others."""
        positional, named = _arguments(self.root.forward)
        values = [self.create_proxy("placeholder", name, (), {}) for name in (*positional, *named)]

        def forward(root: nn.Module, *given: Any) -> Any:
            return root_fn(root, *given[: len(positional)], **dict(zip(named, given[len(positional) :], strict=True)))

        return forward, [self.root, *values]

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
    """The graph of a module in training, called with what it must be given, and what could not be traced."""
    tracer = Tracer()
    tracer.unread = {}
    try:
        with _untouched(module):
            if not module.training:  # laws are about training, whatever the mode is now
                for part in module.modules():
                    part.training = True
            graph = tracer.trace(module)
    except Exception as error:  # as above
        return [], {module: first_sentence(error)}
    return [Reading(module, graph)], tracer.unread


def _arguments(forward: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """The names of the arguments without a default, by position and by name; of one, if all have a default."""
    kinds = inspect.Parameter
    every = inspect.signature(forward).parameters.values()
    needed = [p for p in every if p.default is kinds.empty and p.kind is not kinds.VAR_KEYWORD]
    named = [p.name for p in needed if p.kind is kinds.KEYWORD_ONLY]
    positional = [p.name for p in needed if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    others = [p.name for p in every if p.kind is not kinds.VAR_KEYWORD]
    return positional or ([] if named else others[:1]), named


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
