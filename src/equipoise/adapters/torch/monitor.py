"""A monitor of the balance of consecutive layers of a PyTorch model during training, in any training loop."""

import warnings
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import torch
import xarray as xr
from torch import nn

from equipoise.adapters.laws.law import GradientLaws
from equipoise.adapters.pairs import Pair, as_pairs
from equipoise.adapters.plan import checked_limits
from equipoise.adapters.torch.explaining import explained
from equipoise.adapters.torch.law_watch import LawWatch
from equipoise.adapters.torch.layouts import is_sharded
from equipoise.adapters.torch.optimizers import Attachment
from equipoise.adapters.torch.pair_watch import PairWatch
from equipoise.adapters.torch.pairing import pairs_of
from equipoise.adapters.torch.saving import restored, saved
from equipoise.core.errors import InputError


class BalanceMonitor:
    """Record how the balance of consecutive layers of a PyTorch model changes during training.

    It looks for pairs of Linear, Conv and ConvTranspose layers in the data flow that torch.fx traces. Between the two
    layers of a pair there may be only operations under which each channel can be scaled by itself (ReLU, leaky ReLU,
    pooling, dropout, flattening and the like). `pairs` holds the pairs found; `unpaired` gives, for each layer that
    does not begin a pair, the reason; `print(monitor)` shows both.

    Use the monitor as a context around the loop, and call `step()` after each step of the optimizer; or call
    `attach(optimizer)` before the loop; or call `record(step)` at any time. Recorded values stay on the model's device,
    summed in float64 (float32 where there is no float64), until there are many of them or `dataset` is called. If
    processes share the weights, as with FSDP2, all of them must record, since each record gathers the weights one by
    one. A monitor can be pickled, with its model.

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
        if verify not in ("drop", None):
            raise InputError(f"verify is {verify!r}; it must be 'drop' or None.")
        self._limits = checked_limits(every, neurons, matrix_width)
        self._options = {"laws": laws, "verify": verify, **self._limits._asdict()}
        self._count = 0
        self._attachment: Attachment | None = None
        self._trained: dict[str, bool] | None = None  # which parameters are trained, once the first is recorded
        self.unpaired: dict[str, str] = {}
        self.pairs: tuple[Pair, ...] = ()
        self._watch: PairWatch | LawWatch
        if laws != "graph":
            if pairs is not None or not (laws == "gradients" or isinstance(laws, GradientLaws)):
                raise InputError(
                    f"laws is {laws!r}; give 'graph', 'gradients' or what conservation_laws returned, and pairs= only "
                    "with 'graph'."
                )
            given = None if isinstance(laws, str) else laws
            self._watch = LawWatch(self._model, given, self._limits, verify=bool(verify))
            return
        if pairs is None:
            self.pairs, self.unpaired = pairs_of(self._model)
        else:
            self.pairs = as_pairs(pairs, interleaved=False)
        self._watch = PairWatch(self._model, self.pairs, self._limits, verify=bool(verify))

    def record(self, step: int | None = None) -> None:
        """Record the model as it is now.

        - `step`: the number of the current step, greater than that of the last record; by default the number of steps
          counted.

        Later records are compared with the first one. Warns if parameters were frozen or freed since then. Raises
        `InputError` for a step that is not above the last one, and for a layer that no longer exists or has changed
        its shape.
        """
        self._check_trained()
        self._watch.settle()
        with torch.no_grad():
            self._watch.add(self._count if step is None else step)
        self._count = self._steps[-1]

    def step(self) -> None:
        """Count one step of the optimizer; call it after the step. Every `every` steps, record.

        Raises `InputError` if the start was not recorded, and as `record` does.
        """
        if not self._steps:
            raise InputError(
                "The start is not recorded; before the loop, call record(0) or enter the monitor with `with`."
            )
        self._count += 1
        if self._trained is None:  # a state was loaded
            self._check_trained()
        self._watch.settle()
        if self._count % self._limits.every == 0:
            self.record()

    def attach(self, *optimizers: Any) -> "BalanceMonitor":
        """Record the start, and count every step of the optimizer from now on; return the monitor itself.

        Of several optimizers, a step is counted as soon as each of them has made one. They may be wrapped by Accelerate
        or Lightning. Pairs and laws with parameters that no optimizer has are left out with a warning. `detach`, or
        leaving the monitor's context, ends this.

        Raises `InputError` if an optimizer is already attached, or if these do not train what is watched.
        """
        if self._attachment is not None:
            raise InputError("The monitor is attached to an optimizer already; call detach first.")
        if not optimizers:
            raise InputError("There is no optimizer to attach to; give those that train the model.")
        attachment = Attachment(optimizers, self.step)
        self._watch.trained_by(attachment.step_sizes)
        self._start()
        attachment.start()
        self._attachment = attachment
        return self

    def detach(self) -> None:
        """Stop counting the optimizer's steps."""
        if self._attachment is not None:
            self._attachment.remove()
            self._attachment = None

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
        return self._watch.mismatch()

    def dataset(self) -> xr.Dataset:
        """All records, with dims (step, layer) and (step, pair); raises `InputError` if there are none.

        If steps were counted since the last record, the model is recorded once more as it is now, unless its layers
        changed or several processes hold parts of it.
        """
        if not any(is_sharded(p) for p in self._model.parameters()):  # one process alone would wait for ever
            try:
                self._finish()
            except InputError:
                pass  # layers changed: return the records made before
            except Exception as error:
                warnings.warn(f"The end could not be recorded ({error}); earlier records are kept.", stacklevel=2)
        settings = {"monitor": "BalanceMonitor", "model": type(self._model).__name__, "unpaired": self.unpaired}
        self._watch.settle(now=True)
        return self._watch.dataset(settings, {"torch": torch.__version__})

    def latest(self) -> dict[str, float]:
        """The last record as numbers by name, for W&B, TensorBoard, MLflow and the like: `balance/largest_drift`, ….

        `balance/step` is its step. For each pair there are its drift, balance and difference of squared norms, for each
        law its drift and value. Names have only letters that these tools take. It is empty before the first record, and
        while laws are not found yet.
        """
        return self._watch.latest()

    def explain(self, *optimizers: Any) -> xr.Dataset:
        """Why the laws drift: what the next step of the optimizer changes in each, with dims (law, part).

        Call it between `loss.backward()` and `optimizer.step()`. The changes are those of Σᵢ cᵢ, and the parts add up
        to all of it: "square" is η²Σ c‖step/η‖², the only part of gradient descent, so that drift over a fixed time is
        proportional to η; "momentum" comes from earlier gradients, "weight_decay" shrinks the law itself, "clipping" is
        the gradient's own part, zero unless gradients were changed one by one, and "adaptive" is that of Adam.

        - `optimizers`: SGD, Adam or AdamW, one or several.

        Raises `InputError` for another optimizer, and with pairs or before the laws are found.
        """
        if not isinstance(self._watch, LawWatch) or self.laws is None:
            raise InputError("There are no laws to explain yet; use laws='gradients', and train some steps first.")
        return explained(self.laws, self._watch.history.samples, self._watch.parameters, optimizers)

    def state_dict(self) -> dict[str, Any]:
        """All records and laws as texts, numbers and tensors, to be saved beside the state of the model."""
        return saved(self._watch, self._count)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from the state of a monitor of the same model, so that drifts count from its start.

        Raises `InputError` if the state is of other pairs, laws or shapes.
        """
        self._count = restored(self._watch, state)
        self._trained = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._model, self._options, self.pairs, self.unpaired, self.state_dict())

    @property
    def laws(self) -> GradientLaws | None:
        """The laws from gradients that are watched; None with pairs, or while the laws are not found yet."""
        return self._watch.history.laws if isinstance(self._watch, LawWatch) else None

    @property
    def dropped(self) -> Mapping[str, float]:
        """The pairs that the first gradients did not obey, with their residuals, where 1 is chance."""
        return self._watch.failed if isinstance(self._watch, PairWatch) else {}

    def __str__(self) -> str:
        if isinstance(self._watch, LawWatch):
            return str(self.laws or "The laws are found in the first gradients of the training.")
        found = [
            f"  {pair.name}: {link.neurons} neurons" + (f", through {', '.join(pair.between)}" if pair.between else "")
            for pair, link in zip(self.pairs, self._watch.plan.links, strict=True)
            if pair.name not in self._watch.left_out
        ]
        left = [f"  {name} {reason}" for name, reason in self.unpaired.items()]
        return "\n".join(["watched:", *found, *(["not followed by another layer:", *left] if left else [])])

    @property
    def _steps(self) -> Sequence[int]:
        return self._watch.history.steps

    def _check_trained(self) -> None:
        """Begin, or warn if other parameters are trained than at the beginning."""
        trained = {name: p.requires_grad for name, p in self._model.named_parameters()}
        if self._trained is None:
            self._watch.begin()
        elif changed := [name for name, now in trained.items() if self._trained.get(name, now) != now]:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            warnings.warn(
                f"Since the start the model has frozen or freed {changed[0]}{more}, which changes its laws; make a new "
                "monitor now.",
                stacklevel=3,
            )
        self._trained = trained

    def _start(self) -> None:
        if not self._steps:
            self.record()

    def _finish(self) -> None:
        if self._steps and self._count > self._steps[-1]:
            self.record()


def _rebuilt(
    model: nn.Module,
    options: dict[str, Any],
    pairs: tuple[Pair, ...],
    unpaired: dict[str, str],
    state: dict[str, Any],
) -> BalanceMonitor:
    """A monitor as it was when it was pickled; its optimizers are not attached."""
    monitor = BalanceMonitor(model, pairs=pairs or None, **options)
    monitor.unpaired = unpaired
    monitor.load_state_dict(state)
    return monitor
