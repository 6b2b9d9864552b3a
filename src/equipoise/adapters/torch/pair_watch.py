"""Pairs of layers of a model in training: their records, and their test on the first gradients."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import xarray as xr
from torch import nn

from equipoise.adapters.history import History
from equipoise.adapters.latest import latest_of_pairs
from equipoise.adapters.laws.columns import Column, whole
from equipoise.adapters.laws.law import Law
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.mismatch import mismatches
from equipoise.adapters.pairs import Pair
from equipoise.adapters.plan import Limits, Plan, make_plan
from equipoise.adapters.table import as_dataset, without_pairs
from equipoise.adapters.torch.arrays import LIBRARY, layer_arrays, shapes_of
from equipoise.adapters.torch.engines import pair_engine
from equipoise.adapters.torch.sampling import Taps, empty_samples
from equipoise.core.errors import InputError

PAIR_TOLERANCE = 0.05
"""The residual from which a pair is none; those that were none had 0.1 and more."""


class PairWatch:
    """The pairs of a model in training, and their records.

    - `model`: the module.
    - `pairs`: the pairs.
    - `limits`: how often to record, and what of wide layers.
    - `verify`: whether to test the pairs on the first gradients, and to drop what fails.
    """

    def __init__(self, model: nn.Module, pairs: Sequence[Pair], limits: Limits, *, verify: bool) -> None:
        shapes = shapes_of(model, [name for pair in pairs for name in (pair.first, pair.second)])
        for pair in pairs:
            if pair.bias is not None:
                raise InputError(
                    f"The bias of {pair.first} is found automatically in a PyTorch model; leave it out of the pair."
                )
        self.plan = make_plan(pairs, shapes, limits)
        self.history = History(self.plan, pair_engine(self.plan))
        self.failed: dict[str, float] = {}
        self.untrained: dict[str, str] = {}
        self._model = model
        self._verify = verify
        self._samples: Samples | None = None
        self._taps: Taps | None = None

    def begin(self) -> None:
        """Take the next gradients for the test."""
        if not self._verify:
            return
        names = {f"{layer}.{kind}".lstrip(".") for layer in self.plan.layers for kind in ("weight", "bias")}
        every = self._model.named_parameters(remove_duplicate=False)
        found = {name: p for name, p in every if name in names and p.requires_grad}
        if found:
            self._samples = empty_samples(self._model, found)
            self._taps = Taps(found, self._samples, 1)

    def add(self, step: int) -> None:
        """Record the layers as they are now."""
        self.history.add(step, layer_arrays(self._model, self.plan))

    def settle(self, *, now: bool = False) -> None:
        """Test the pairs, if the gradients for it are there, and warn of each that is none."""
        del now  # a pass that is not complete tells nothing
        if self._taps is None or self._samples is None:
            return
        self._taps.close_pass()
        if not self._taps.is_done:
            return
        self._taps, self._verify = None, False
        for k, pair in enumerate(self.plan.pairs):
            if not all(f"{name}.weight".lstrip(".") in self._samples.shapes for name in (pair.first, pair.second)):
                self.untrained[pair.name] = "a frozen weight"
                warnings.warn(f"{pair.name} is left out, since one of its weights is frozen.", stacklevel=5)
                continue
            law = law_of_pair(self.plan, k, self._samples)
            residual = 0.0 if law is None else self._samples.residual(law.columns, law.coefficients)
            if residual > max(PAIR_TOLERANCE, 60 * self._samples.rounding):
                self.failed[pair.name] = residual
                warnings.warn(
                    f"{pair.name} is no pair: its gradients do not obey the law (residual {residual:.2f}, where 1 is "
                    "chance); it is dropped. laws='gradients' finds the laws that there are.",
                    stacklevel=5,
                )

    def trained_by(self, step_sizes: Mapping[int, float]) -> None:
        """Leave out the pairs with a parameter that no optimizer has; raise `InputError` if none is left."""
        uneven = []
        for pair in self.plan.pairs:
            layers = (self._model.get_submodule(name) for name in (pair.first, pair.second))
            first, second = layers
            parts = {f"weight of {pair.first}": first.weight, f"weight of {pair.second}": second.weight}
            if isinstance(getattr(first, "bias", None), torch.Tensor):
                parts[f"bias of {pair.first}"] = first.bias
            absent = [what for what, parameter in parts.items() if id(parameter) not in step_sizes]
            if absent:
                self.untrained[pair.name] = f"the {absent[0]}"
            elif len({step_sizes[id(parameter)] for parameter in parts.values()}) > 1:
                uneven.append(pair.name)
        left_out = [f"{name} (by {what})" for name, what in self.untrained.items()]
        if len(left_out) == len(self.plan.pairs):
            what = next(iter(self.untrained.values()))
            raise InputError(f"The optimizer does not have {what}; attach all those that train the watched layers.")
        if left_out:
            warnings.warn(
                f"{', '.join(left_out)}: left out, since no optimizer has all their parameters.", stacklevel=3
            )
        if uneven:
            warnings.warn(
                f"{', '.join(uneven)}: with different step sizes in one pair gradient descent keeps the squares "
                "divided by these, and not their difference.",
                stacklevel=3,
            )

    @property
    def left_out(self) -> set[str]:
        """The names of the pairs that are none, or not trained."""
        return {*self.failed, *self.untrained}

    def mismatch(self) -> dict[str, float]:
        """How far each pair is from the law at the current gradients."""
        with torch.no_grad():
            slopes = layer_arrays(self._model, self.plan, gradients=True)
            return mismatches(LIBRARY, self.plan, layer_arrays(self._model, self.plan), slopes)

    def parameters(self) -> list[torch.Tensor]:
        """The weights that are recorded."""
        return [arrays.weight for arrays in layer_arrays(self._model, self.plan)]

    def latest(self) -> dict[str, float]:
        """The last record as numbers by name."""
        return latest_of_pairs(self.history, self.left_out)

    def dataset(self, settings: Mapping[str, Any], libraries: Mapping[str, str]) -> xr.Dataset:
        """All records but those of pairs that are left out."""
        return without_pairs(as_dataset(self.history, settings, libraries), self.left_out)

    def described(self) -> dict[str, Any]:
        """What is recorded, as plain values; states with other values do not fit."""
        limits = self.plan.limits
        return {
            "pairs": [[pair.name, pair.interleaved] for pair in self.plan.pairs],
            "shapes": [list(shape) for shape in self.plan.shapes],
            "limits": [limits.neurons, limits.matrix_width],
        }

    def progress(self) -> dict[str, Any]:
        """How far the test is, as plain values."""
        return {"failed": self.failed, "untrained": self.untrained, "is_tested": not self._verify}

    def restore(self, progress: Mapping[str, Any]) -> None:
        """Continue from what `progress` gave."""
        self.failed, self.untrained = dict(progress["failed"]), dict(progress["untrained"])
        self._verify = self._verify and not progress["is_tested"]
        if self._taps is not None:
            self._taps.remove()
            self._taps = None


def law_of_pair(plan: Plan, number: int, samples: Samples) -> Law | None:
    """‖W[i, :]‖² + b_i² − ‖V[:, i]‖² of a pair as a law; None if the sums for it were not taken."""
    link, shapes = plan.links[number], samples.shapes
    first, second = (plan.layers[k] for k in (link.first, link.second))
    parts = ((first, "weight"), (second, "weight"), (first, "bias"))
    own, reader, bias = (f"{name}.{kind}".lstrip(".") for name, kind in parts)
    columns = [_writing(own, shapes[own], plan, link.first)]
    if plan.shapes[link.first].bias and bias in shapes:
        columns.append(whole(bias, shapes[bias], (0,)))
    columns.append(_reading(reader, shapes[reader], plan, number))
    if any(column.axes not in samples.axes[column.parameter] for column in columns):
        return None
    return Law(tuple(columns), (1,) * (len(columns) - 1) + (-1,), 0.0)


def _writing(name: str, shape: tuple[int, ...], plan: Plan, layer: int) -> Column:
    """The rows of W that write each neuron."""
    own = plan.shapes[layer]
    if not own.transposed:
        return whole(name, shape, (0,))
    if own.groups == 1:
        return whole(name, shape, (1,))
    split = (own.groups, own.inputs, shape[1])
    return Column(name, (0, 1), 0, split, (0, 2)) if shape[1] > 1 else Column(name, (0,), 0, split[:2], (0,))


def _reading(name: str, shape: tuple[int, ...], plan: Plan, number: int) -> Column:
    """The columns of V that read each neuron."""
    link = plan.links[number]
    groups, neurons = link.groups, link.neurons
    axis = 0 if plan.shapes[link.second].transposed else 1
    if groups > 1 and axis == 1 and shape[1] == 1:
        return Column(name, (0,), 0, (neurons, shape[0] // neurons), (0,))
    if groups > 1 and axis == 1:
        return Column(name, (0, 1), 0, (groups, shape[0] // groups, shape[1]), (0, 2))
    times = shape[axis] // neurons
    if link.interleaved:
        return Column(name, (axis,), 0, (times, neurons), (1,))
    return Column(name, (axis,), 0, (neurons, times), (0,))
