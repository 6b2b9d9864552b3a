"""What a monitor does with the first gradients of a training: find laws in them, or test those it was given."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from equipoise.adapters.arithmetic import Tensor
from equipoise.adapters.laws.columns import Column, whole
from equipoise.adapters.laws.history import LawEngine, LawHistory
from equipoise.adapters.laws.law import GradientLaws, Law
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.search import find_laws
from equipoise.adapters.laws.sums import Key, squares_along
from equipoise.adapters.laws.verify import verified
from equipoise.adapters.plan import Limits, Plan
from equipoise.adapters.torch.arrays import LIBRARY
from equipoise.adapters.torch.sampling import Taps, empty_samples, trained_parameters

PASSES = 6
"""How many backward passes laws are found from; one more tests them."""
PAIR_TOLERANCE = 0.05
"""The residual from which a pair is none; those that were none had 0.1 and more."""


class LawWatch:
    """The laws of a model in training, and their records.

    - `model`: the module.
    - `laws`: the laws, or None to find them in the first gradients.
    - `limits`: how often to record, and the widest law whose channels are all recorded.
    - `verify`: whether to test the laws on further gradients, and to drop what fails.
    """

    def __init__(self, model: nn.Module, laws: GradientLaws | None, limits: Limits, *, verify: bool) -> None:
        self.parameters = trained_parameters(model)
        self._model = model
        samples = empty_samples(model, self.parameters)
        self.history = LawHistory(samples, None, limits, _engine())
        self._found = laws
        self._samples, self._fresh = samples, empty_samples(model, self.parameters)
        self._taps: list[Taps] = []
        self._verify = verify
        if laws is None:
            self._taps.append(Taps(self.parameters, samples, PASSES))
        elif verify:
            self._taps.append(Taps(self.parameters, self._fresh, 1))

    def weights(self) -> dict[str, torch.Tensor]:
        """The parameters as they are now."""
        shapes = self.history.samples.shapes
        return {name: p.detach().reshape(shapes[name]) for name, p in self.parameters.items()}

    def settle(self, *, now: bool = False) -> None:
        """Find and test the laws, if the gradients for it are there; `now`: with what gradients there are."""
        if self.history.laws is not None:
            return
        for taps in self._taps[-1:]:
            taps.close_pass()
        if self._found is None and (self._taps[-1].is_done or (now and self._samples.passes)):
            self._taps[-1].remove()
            self._found = find_laws(self._samples)
            self._taps.append(Taps(self.parameters, self._fresh, 1 if self._verify else 0))
        if self._found is None:
            return
        if not self._verify:
            self.remove()
            self.history.decide(self._found)
        elif self._taps[-1].is_done:
            self.history.decide(verified(self._found, self._fresh))
        elif now:
            self._taps[-1].remove()
            self.history.decide(self._found)

    def remove(self) -> None:
        """Take the hooks away."""
        for taps in self._taps:
            taps.remove()


class PairTest:
    """Given pairs, put to the test of the first gradients."""

    def __init__(self, model: nn.Module, plan: Plan) -> None:
        names = {f"{layer}.{kind}".lstrip(".") for layer in plan.layers for kind in ("weight", "bias")}
        found = {n: p for n, p in model.named_parameters(remove_duplicate=False) if n in names and p.requires_grad}
        self._plan = plan
        self._samples = empty_samples(model, found) if found else Samples({}, rounding=0.0)
        self._taps = Taps(found, self._samples, 1)
        self._failed: dict[str, float] | None = None

    def settle(self) -> None:
        """Test the pairs, if the gradients for it are there, and warn of each that is none."""
        self._taps.close_pass()
        if self._failed is not None or not self._taps.is_done:
            return
        self._failed = {}
        for k, pair in enumerate(self._plan.pairs):
            law = law_of_pair(self._plan, k, self._samples.shapes)
            if law is None:
                continue
            residual = self._samples.residual(law.columns, law.coefficients)
            if residual > max(PAIR_TOLERANCE, 60 * self._samples.rounding):
                self._failed[pair.name] = residual
                warnings.warn(
                    f"{pair.name} is no pair: its gradients do not obey the law (residual {residual:.2f}, where 1 is "
                    "chance); it is dropped.",
                    stacklevel=4,
                )

    @property
    def failed(self) -> Mapping[str, float]:
        """The names of the pairs that are none, with their residuals."""
        return self._failed or {}

    def remove(self) -> None:
        """Take the hooks away."""
        self._taps.remove()


def law_of_pair(plan: Plan, number: int, shapes: Mapping[str, tuple[int, ...]]) -> Law | None:
    """‖W[i, :]‖² + b_i² − ‖V[:, i]‖² of a pair as a law; None if a weight is not among the shapes."""
    link = plan.links[number]
    first, second = (plan.layers[k] for k in (link.first, link.second))
    own, reader, bias = (f"{name}.{kind}" for name, kind in ((first, "weight"), (second, "weight"), (first, "bias")))
    if own not in shapes or reader not in shapes:
        return None
    columns = [whole(own, shapes[own], (0,))]
    if plan.shapes[link.first].bias and bias in shapes:
        columns.append(whole(bias, shapes[bias], (0,)))
    columns.append(_reading(reader, shapes[reader], link.groups, link.neurons, link.interleaved))
    return Law(tuple(columns), (1,) * (len(columns) - 1) + (-1,), 0.0)


def _reading(name: str, shape: tuple[int, ...], groups: int, neurons: int, interleaved: bool) -> Column:
    """The columns of V that read each neuron."""
    if groups > 1 and shape[1] == 1:
        return Column(name, (0,), 0, (neurons, shape[0] // neurons), (0,))
    if groups > 1:
        return Column(name, (0, 1), 0, (groups, shape[0] // groups, shape[1]), (0, 2))
    times = shape[1] // neurons
    if interleaved:
        return Column(name, (1,), 0, (times, neurons), (1,))
    return Column(name, (1,), 0, (neurons, times), (0,))


def _engine() -> LawEngine:
    def vector(weights: Mapping[str, Tensor], keys: Sequence[Key]) -> Tensor:
        return squares_along(LIBRARY, weights, keys)

    def stacked(vectors: Sequence[Tensor]) -> np.ndarray:
        device = vectors[-1].device
        return torch.stack([v.to(device) for v in vectors]).to("cpu", torch.float64).numpy()

    return LawEngine(vector, stacked)
