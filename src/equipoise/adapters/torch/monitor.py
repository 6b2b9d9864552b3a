"""A monitor of the balance of consecutive layers of a PyTorch model during training, in any training loop."""

import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import nn

from equipoise.adapters.arithmetic import LayerArrays, Tensor, matrix_invariants, observed
from equipoise.adapters.history import Engine, History
from equipoise.adapters.laws.history import LawHistory
from equipoise.adapters.laws.law import GradientLaws
from equipoise.adapters.laws.table import laws_as_dataset
from equipoise.adapters.mismatch import mismatches
from equipoise.adapters.pairs import Pair, as_pairs
from equipoise.adapters.plan import Plan, checked_limits, make_plan
from equipoise.adapters.table import as_dataset, without_pairs
from equipoise.adapters.torch.arrays import LIBRARY, layer_arrays, shapes_of
from equipoise.adapters.torch.explaining import explained
from equipoise.adapters.torch.pairing import find_pairs
from equipoise.adapters.torch.watching import LawWatch, PairTest
from equipoise.core.errors import InputError


class BalanceMonitor:
    """Record how the balance of consecutive layers of a PyTorch model changes during training.

    It looks for pairs of Linear and Conv1d, 2d, 3d layers in the data flow that torch.fx traces. Between the two layers
    of a pair there may be only operations under which each channel can be scaled by itself (ReLU, leaky ReLU, pooling,
    dropout, flattening and the like). `pairs` holds the pairs found; `unpaired` gives, for each layer that does not
    begin a pair, the reason; `print(monitor)` shows both.

    Use the monitor as a context around the loop, and call `step()` after each step of the optimizer; or call
    `attach(optimizer)` before the loop; or call `record(step)` at any time. Recorded values stay on the model's device,
    summed in float64 (float32 where there is no float64), until there are many of them or `dataset` is called.

    - `model`: the torch.nn.Module.
    - `pairs`: the pairs to record instead of those found, by names of submodules, as in `[("fc1", "fc2")]`.
    - `laws`: "graph", the default, looks for pairs in the graph. "gradients" looks for laws of any form in the first
      gradients of the training, which works for models that cannot be traced; what `conservation_laws` returned is
      taken as it is. The dataset then has dims (step, law), and finding no law is no error: norms are recorded.
    - `verify`: "drop", the default, tests all pairs or laws on the first gradients of the training, and drops with a
      warning what they do not obey. None tests nothing.
    - `every`: the number of steps per record; 500 by default.
    - `neurons`: the largest width of a hidden layer that is recorded neuron by neuron; 64 by default.
    - `matrix_width`: the largest width of a hidden layer whose linear pair is recorded as a matrix; 128 by default.

    Raises `InputError` if `model` is not a module or has no pair, for pairs that do not fit, and for numbers out of
    range. Source: Du et al. (2018), Theorems 2.1 to 2.3.
    """

    def __init__(
        self,
        model: Any,
        *,
        pairs: Sequence[Pair | Sequence[str]] | None = None,
        laws: str | GradientLaws = "graph",
        verify: str | None = "drop",
        every: int = 500,
        neurons: int = 64,
        matrix_width: int = 128,
    ) -> None:
        if not isinstance(model, nn.Module):
            raise InputError(f"model is of type {type(model).__name__}; it must be a torch.nn.Module.")
        self._model: nn.Module = getattr(model, "_orig_mod", model)  # the module that torch.compile wraps
        self.unpaired: dict[str, str] = {}
        self._count = 0
        self._hook: Any = None
        self._laws: LawWatch | None = None
        self._test: PairTest | None = None
        if verify not in ("drop", None):
            raise InputError(f"verify is {verify!r}; it must be 'drop' or None.")
        self._limits = limits = checked_limits(every, neurons, matrix_width)
        self._plan: Plan | None = None
        self._history: History | LawHistory
        self.pairs: tuple[Pair, ...] = ()
        if laws != "graph":
            self._watch_laws(laws, pairs, verify=bool(verify))
            return
        self.pairs = self._found() if pairs is None else as_pairs(pairs, interleaved=False)
        shapes = shapes_of(self._model, [name for pair in self.pairs for name in (pair.first, pair.second)])
        for pair in self.pairs:
            if pair.bias is not None:
                raise InputError(
                    f"The bias of {pair.first} is found automatically in a PyTorch model; leave it out of the pair."
                )
        self._plan = plan = make_plan(self.pairs, shapes, limits)
        self._history = History(plan, _engine(plan))
        self._test = PairTest(self._model, plan) if verify else None

    def _watch_laws(self, laws: Any, pairs: Any, *, verify: bool) -> None:
        if pairs is not None or not (laws == "gradients" or isinstance(laws, GradientLaws)):
            raise InputError(
                f"laws is {laws!r}; give 'graph', 'gradients' or what conservation_laws returned, and pairs= only with "
                "'graph'."
            )
        given = None if isinstance(laws, str) else laws
        self._laws = LawWatch(self._model, given, self._limits, verify=verify)
        self._history = self._laws.history

    def record(self, step: int | None = None) -> None:
        """Record the model as it is now.

        - `step`: the number of the current step, greater than that of the last record; by default the number of steps
          counted.

        Later records are compared with the first one. Raises `InputError` for a step that is not above the last one,
        and for a layer that no longer exists or has changed its shape.
        """
        self._settle()
        step = self._count if step is None else step
        with torch.no_grad():
            if self._laws is not None:
                self._laws.history.add(step, self._laws.weights())
            elif isinstance(self._history, History):
                self._history.add(step, layer_arrays(self._model, self._history.plan))
        self._count = self._history.steps[-1]

    def step(self) -> None:
        """Count one step of the optimizer; call it after the step. Every `every` steps, record.

        Raises `InputError` if the start was not recorded, and as `record` does.
        """
        if not self._history.steps:
            raise InputError(
                "The start is not recorded; before the loop, call record(0) or enter the monitor with `with`."
            )
        self._count += 1
        self._settle()
        if self._count % self._limits.every == 0:
            self.record()

    def attach(self, optimizer: torch.optim.Optimizer) -> "BalanceMonitor":
        """Record the start, and count every step of the optimizer from now on; return the monitor itself.

        `detach`, or leaving the monitor's context, ends this. Raises `InputError` if an optimizer is already attached,
        or if this one does not have the monitored weights.
        """
        if self._hook is not None:
            raise InputError("The monitor is attached to an optimizer already; call detach first.")
        trained = {id(p) for group in optimizer.param_groups for p in group["params"]}
        for name in self._plan.layers if self._plan else ():
            if id(self._model.get_submodule(name).weight) not in trained:
                raise InputError(f"The optimizer does not have the weight of {name}; attach the one that trains it.")
        self._start()
        self._hook = optimizer.register_step_post_hook(lambda *_: self.step())
        return self

    def detach(self) -> None:
        """Stop counting the optimizer's steps."""
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def __enter__(self) -> "BalanceMonitor":
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()
        if kind is None:
            self._finish()

    def gradient_mismatch(self) -> dict[str, float]:
        """How far each pair is from the law at the current gradients: 0, up to rounding, for a true pair; at most 1.

        Call it between `loss.backward()` and the optimizer's step. For each pair it is the largest |⟨W[i,:], ∂W[i,:]⟩ +
        bᵢ∂bᵢ − ⟨V[:,i], ∂V[:,i]⟩| over neurons i, relative to the largest possible value. A penalty in the loss counts
        as well. Raises `InputError` if there are no gradients.
        """
        plan = self._plan
        if plan is None:
            raise InputError("Laws from gradients are tested as they are found; read the residuals in monitor.laws.")
        with torch.no_grad():
            slopes = layer_arrays(self._model, plan, gradients=True)
            return mismatches(LIBRARY, plan, layer_arrays(self._model, plan), slopes)

    def dataset(self) -> xr.Dataset:
        """All records, with dims (step, layer) and (step, pair); raises `InputError` if there are none.

        If steps were counted since the last record, the model is recorded once more as it is now, unless its layers
        changed.
        """
        with contextlib.suppress(InputError):  # if layers changed, return the records made before
            self._finish()
        settings = {"monitor": "BalanceMonitor", "model": type(self._model).__name__, "unpaired": self.unpaired}
        self._settle(now=True)
        libraries = {"torch": torch.__version__}
        if isinstance(self._history, LawHistory):
            return laws_as_dataset(self._history, settings, libraries)
        return without_pairs(as_dataset(self._history, settings, libraries), self.dropped)

    def explain(self, optimizer: torch.optim.Optimizer) -> xr.Dataset:
        """Why the laws drift: what the next step of the optimizer changes in each, with dims (law, part).

        Call it between `loss.backward()` and `optimizer.step()`. The changes are those of Σᵢ cᵢ, and the parts add up
        to all of it: "square" is η²Σ c‖step/η‖², the only part of gradient descent, so that drift over a fixed time is
        proportional to η; "momentum" comes from earlier gradients, "weight_decay" shrinks the law itself, "clipping" is
        the gradient's own part, zero unless gradients were changed one by one, and "adaptive" is that of Adam.

        - `optimizer`: SGD, Adam or AdamW.

        Raises `InputError` for another optimizer, and with pairs or before the laws are found.
        """
        if self._laws is None or self.laws is None:
            raise InputError("There are no laws to explain yet; use laws='gradients', and train some steps first.")
        return explained(self.laws, self._laws.history.samples, self._laws.parameters, optimizer)

    @property
    def laws(self) -> GradientLaws | None:
        """The laws from gradients that are watched; None with pairs, or while the laws are not found yet."""
        return None if self._laws is None else self._laws.history.laws

    @property
    def dropped(self) -> Mapping[str, float]:
        """The pairs that the first gradients did not obey, with their residuals, where 1 is chance."""
        return {} if self._test is None else self._test.failed

    def __str__(self) -> str:
        if self._plan is None:
            return str(self.laws or "The laws are found in the first gradients of the training.")
        found = [
            f"  {pair.name}: {link.neurons} neurons" + (f", through {', '.join(pair.between)}" if pair.between else "")
            for pair, link in zip(self.pairs, self._plan.links, strict=True)
            if pair.name not in self.dropped
        ]
        left = [f"  {name} {reason}" for name, reason in self.unpaired.items()]
        return "\n".join(["watched:", *found, *(["not followed by another layer:", *left] if left else [])])

    def _settle(self, *, now: bool = False) -> None:
        """Find or test laws, if the gradients for it are there."""
        if self._laws is not None:
            self._laws.settle(now=now)
        if self._test is not None:
            self._test.settle()

    def _start(self) -> None:
        if not self._history.steps:
            self.record()

    def _finish(self) -> None:
        if self._history.steps and self._count > self._history.steps[-1]:
            self.record()

    def _found(self) -> tuple[Pair, ...]:
        found = find_pairs(self._model)
        self.unpaired = found.unpaired
        if not found.pairs:
            kind, reasons = type(self._model).__name__, [f"{name} {why}" for name, why in found.unpaired.items()]
            why = "; ".join(reasons[:4]) or "it has no Linear, Conv1d, Conv2d or Conv3d layer"
            raise InputError(
                f"There is no pair of layers to watch in {kind} ({why}); give pairs= if you know of one, or "
                "laws='gradients'."
            )
        return found.pairs


def _engine(plan: Plan) -> Engine:
    """The arithmetic for these pairs; a model may move to another device between records."""

    def vector(layers: Sequence[LayerArrays], start: Sequence[Tensor]) -> Tensor:
        return observed(LIBRARY, layers, plan.links, [then.to(layers[0].weight.device) for then in start])

    def stacked(vectors: Sequence[Tensor]) -> np.ndarray:
        device = vectors[-1].device
        return torch.stack([vector.to(device) for vector in vectors]).to("cpu", torch.float64).numpy()

    return Engine(lambda layers: matrix_invariants(LIBRARY, layers, plan.links), vector, stacked)
