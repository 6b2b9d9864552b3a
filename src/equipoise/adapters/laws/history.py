"""The records of a monitor of laws: sums of squares along axes, which become values of laws once these are known."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from equipoise.adapters.arithmetic import Tensor
from equipoise.adapters.history import QUANTILES
from equipoise.adapters.laws.law import GradientLaws
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.sums import Key
from equipoise.adapters.plan import Limits
from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError

_MOST_NUMBERS = 2**20


class LawEngine(NamedTuple):
    """The functions of an array library that records need."""

    vector: Callable[[Mapping[str, Tensor], Sequence[Key]], Tensor]
    """The sums of squares along the axes of the keys, in their order."""
    stacked: Callable[[Sequence[Tensor]], np.ndarray]
    """Vectors stacked as the rows of a NumPy array of float64."""


class LawHistory:
    """The records of a model's parameters in the order of their steps.

    - `samples`: the shapes and axes of the parameters.
    - `laws`: the laws, or None while they are not known; see `decide`.
    - `limits`: how often to record, and the widest law whose channels are all recorded.
    - `engine`: the functions of the array library.
    """

    def __init__(self, samples: Samples, laws: GradientLaws | None, limits: Limits, engine: LawEngine) -> None:
        self.samples = samples
        self.laws = laws
        self.limits = limits
        self.steps: list[int] = []
        self._engine = engine
        self._keys = self._needed()
        self._waiting: list[Tensor] = []
        self._first: list[np.ndarray] | None = None
        self._done: list[dict[str, np.ndarray]] = []

    def _needed(self) -> list[Key]:
        """The axes whose sums are recorded: one of each parameter for its norm, and all that laws are about."""
        used = (
            {key for key in self._all_keys()}
            if self.laws is None
            else {(c.parameter, c.axes) for law in self.laws.laws for c in law.columns}
        )
        keys = []
        for name, axes in self.samples.axes.items():
            own = [kept for kept in axes if (name, kept) in used]
            keys += [(name, kept) for kept in own or axes[:1]]
        return keys

    def _all_keys(self) -> list[Key]:
        return [(name, kept) for name, axes in self.samples.axes.items() for kept in axes]

    def check_step(self, step: Any) -> int:
        """`step` as a whole number; raises `InputError` unless it is above the last one recorded."""
        step = whole_number("step", step, 0)
        if self.steps and step <= self.steps[-1]:
            raise InputError(f"Step {step} comes after step {self.steps[-1]}; record steps in increasing order.")
        return step

    def add(self, step: Any, weights: Mapping[str, Tensor]) -> None:
        """Record the parameters as they are now."""
        step = self.check_step(step)
        vector = self._engine.vector(weights, self._keys)
        self.steps.append(step)
        self._waiting.append(vector)
        if self.laws is not None and len(self._waiting) > _MOST_NUMBERS // max(1, vector.shape[0]):
            self._summarize()

    def decide(self, laws: GradientLaws) -> None:
        """Take these laws from now on, and for what was recorded while none were known."""
        self.laws = laws
        self._summarize()
        self._keys = self._needed()

    def summaries(self) -> dict[str, np.ndarray]:
        """Every summary, with a leading axis of records; raises `InputError` if nothing is recorded."""
        if not self.steps:
            raise InputError("Nothing is recorded yet; call record first.")
        self._summarize()
        return {name: np.concatenate([part[name] for part in self._done]) for name in self._done[0]}

    def _summarize(self) -> None:
        if not self._waiting:
            return
        rows = self._engine.stacked(self._waiting)
        self._waiting = []
        shapes = self.samples.shapes
        lengths = [math.prod(shapes[name][a] for a in axes) for name, axes in self._keys]
        sums = dict(zip(self._keys, np.split(rows, np.cumsum(lengths)[:-1], axis=1), strict=True))
        laws = self.laws.laws if self.laws else ()
        values = [law.combined([c.folded(sums[c.parameter, c.axes]) for c in law.columns]) for law in laws]
        if self._first is None:
            self._first = [value[0] for value in values]
        drifts = [abs(value - first) for value, first in zip(values, self._first, strict=True)]
        norms = {name: part.sum(axis=1) for (name, _), part in sums.items()}
        none = np.zeros((len(rows), 0))
        narrow = [value for value in values if value.shape[1] <= self.limits.neurons]
        self._done.append(
            {
                "squared_norms": np.stack([norms[name] for name in shapes], axis=1),
                "law_sums": np.stack([v.sum(axis=1) for v in values], axis=1) if values else none,
                "law_drift": np.stack([d.max(axis=1) for d in drifts], axis=1) if values else none,
                "law_drift_quantiles": np.stack([np.quantile(d, QUANTILES, axis=1).T for d in drifts], axis=1)
                if values
                else np.zeros((len(rows), 0, len(QUANTILES))),
                "law_values": np.concatenate([none, *narrow], axis=1),
            }
        )
