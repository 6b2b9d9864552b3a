"""Laws of a model in training: found in its first gradients or given, tested, and recorded."""

import warnings
from collections.abc import Mapping
from typing import Any

import xarray as xr
from torch import nn

from equipoise.adapters.latest import latest_of_laws
from equipoise.adapters.laws.history import LawHistory
from equipoise.adapters.laws.law import GradientLaws
from equipoise.adapters.laws.saving import laws_as_values, laws_from_values
from equipoise.adapters.laws.search import find_laws
from equipoise.adapters.laws.table import laws_as_dataset
from equipoise.adapters.laws.verify import verified
from equipoise.adapters.plan import Limits
from equipoise.adapters.torch.engines import law_engine
from equipoise.adapters.torch.sampling import Taps, empty_samples, trained_parameters
from equipoise.core.errors import InputError

PASSES = 6
"""How many backward passes laws are found from; one more tests them."""


class LawWatch:
    """The laws of a model in training, and their records.

    - `model`: the module.
    - `laws`: the laws, or None to find them in the first gradients.
    - `limits`: how often to record, and the widest law whose channels are all recorded.
    - `verify`: whether to test the laws on further gradients, and to drop what fails.
    """

    def __init__(self, model: nn.Module, laws: GradientLaws | None, limits: Limits, *, verify: bool) -> None:
        self._model = model
        self._given = laws
        self._limits = limits
        self._verify = verify
        self._taps: Taps | None = None
        self._step_sizes: Mapping[int, float] | None = None
        self._set(trained_parameters(model))

    def _set(self, named: Mapping[str, nn.Parameter]) -> None:
        """Watch these parameters, from the beginning."""
        self._named = dict(named)
        self._samples, self._fresh = (empty_samples(self._model, named) for _ in range(2))
        self._found = self._given
        self.history = LawHistory(self._samples, None, self._limits, law_engine(), given=self._given)

    def begin(self) -> None:
        """Take the next gradients; parameters may have been replaced, frozen or freed since the monitor was made."""
        named = trained_parameters(self._model)
        if not self.history.steps and list(named) != list(self._named):
            self._set(named)
        self._named = named
        if self.history.laws is None:
            self._listen()

    def _listen(self) -> None:
        if self._found is None:
            self._taps = Taps(self._named, self._samples, PASSES)
        else:
            self._taps = Taps(self._named, self._fresh, 1 if self._verify else 0)

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        """The parameters as they are now; raises `InputError` if one is gone or has another shape."""
        every, shapes = dict(self._model.named_parameters()), self._samples.shapes
        for name, shape in shapes.items():
            if name not in every or (tuple(every[name].shape) or (1,)) != shape:
                raise InputError(f"{name} is gone or has changed its shape; make a new monitor when layers change.")
        return {name: every[name] for name in shapes}

    def add(self, step: int) -> None:
        """Record the parameters as they are now."""
        shapes = self._samples.shapes
        self.history.add(step, {name: p.detach().reshape(shapes[name]) for name, p in self.parameters.items()})

    def settle(self, *, now: bool = False) -> None:
        """Find and test the laws, if the gradients for it are there; `now`: with what gradients there are."""
        if self.history.laws is not None or self._taps is None:
            return
        self._taps.close_pass()
        if self._found is None and (self._taps.is_done or (now and self._samples.passes)):
            self._taps.remove()
            self._found = find_laws(self._samples)
            self._listen()
        if self._found is None or not (self._taps.is_done or now):
            return
        self._taps.remove()
        self._taps = None
        laws = verified(self._found, self._fresh) if self._verify and self._fresh.passes else self._found
        self.history.decide(self._of_trained(laws))

    def trained_by(self, step_sizes: Mapping[int, float]) -> None:
        """Leave out laws with parameters that no optimizer has; raise `InputError` if they have none at all."""
        if not any(id(p) in step_sizes for p in self.parameters.values()):
            raise InputError("The optimizer has none of the model's parameters; attach those that train the model.")
        self._step_sizes = step_sizes

    def _of_trained(self, laws: GradientLaws) -> GradientLaws:
        if self._step_sizes is None:
            return laws
        untrained = {name for name, p in self.parameters.items() if id(p) not in self._step_sizes}
        kept = [law for law in laws.laws if not untrained.intersection(law.parameters)]
        for law in laws.laws:
            absent = untrained.intersection(law.parameters)
            if absent:
                warnings.warn(
                    f"The law {law.formula(laws.shapes)} is left out, since no optimizer has {sorted(absent)[0]}.",
                    stacklevel=6,
                )
        return laws.replaced(kept)

    def mismatch(self) -> dict[str, float]:
        """Laws have no such number of their own."""
        raise InputError("Laws from gradients are tested as they are found; read the residuals in monitor.laws.")

    def latest(self) -> dict[str, float]:
        """The last record as numbers by name."""
        return latest_of_laws(self.history)

    def dataset(self, settings: Mapping[str, Any], libraries: Mapping[str, str]) -> xr.Dataset:
        """All records."""
        return laws_as_dataset(self.history, settings, libraries)

    def described(self) -> dict[str, Any]:
        """What is recorded, as plain values; states with other values do not fit."""
        return {
            "shapes": {name: list(shape) for name, shape in self._samples.shapes.items()},
            "limits": [self._limits.neurons],
            "given": None if self._given is None else self._given.describe(),
        }

    def progress(self) -> dict[str, Any]:
        """The laws, as far as they are known, as plain values."""
        return {"laws": None if self.history.laws is None else laws_as_values(self.history.laws)}

    def restore(self, progress: Mapping[str, Any]) -> None:
        """Continue from what `progress` gave."""
        laws = None if progress["laws"] is None else laws_from_values(progress["laws"])
        if self._taps is not None:
            self._taps.remove()
            self._taps = None
        self.history = LawHistory(self._samples, laws, self._limits, law_engine(), given=self._given)
