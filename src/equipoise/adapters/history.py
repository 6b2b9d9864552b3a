"""The records of a monitor: vectors that stay on their device until they are many or needed, then summaries."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from equipoise.adapters.arithmetic import LayerArrays, Tensor
from equipoise.adapters.plan import Plan
from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles of the drifts of a pair's neurons."""

_MOST_NUMBERS = 2**20


class Engine(NamedTuple):
    """The functions of an array library that a plan needs."""

    matrices: Callable[[Sequence[LayerArrays]], Sequence[Tensor]]
    """The matrix invariants at the start, which later ones are compared with."""
    vector: Callable[[Sequence[LayerArrays], Sequence[Tensor]], Tensor]
    """All recorded values at one step, in the order of `arithmetic.observed`."""
    stacked: Callable[[Sequence[Tensor]], np.ndarray]
    """Vectors stacked as the rows of a NumPy array of float64."""


class History:
    """The records of one plan in the order of their steps.

    - `plan`, `engine`: what is recorded, and by which functions.
    - `most_records`: the number of vectors that wait on their device before NumPy summarizes them.
    """

    def __init__(self, plan: Plan, engine: Engine, *, most_records: int = 1024) -> None:
        self.plan = plan
        self._most_records = most_records
        self.steps: list[int] = []
        self._engine = engine
        self._start: Sequence[Tensor] | None = None
        self._first: np.ndarray | None = None
        self._waiting: list[Tensor] = []
        self._done: list[dict[str, np.ndarray]] = []

    def check_step(self, step: Any) -> int:
        """`step` as a whole number; raises `InputError` unless it is above the last one recorded."""
        step = whole_number("step", step, 0)
        if self.steps and step <= self.steps[-1]:
            raise InputError(f"Step {step} comes after step {self.steps[-1]}; record steps in increasing order.")
        return step

    def add(self, step: Any, layers: Sequence[LayerArrays]) -> None:
        """Record the layers as they are now."""
        step = self.check_step(step)
        if self._start is None:
            self._start = self._engine.matrices(layers)
        vector = self._engine.vector(layers, self._start)
        self.steps.append(step)
        self._waiting.append(vector)
        if len(self._waiting) >= min(self._most_records, 1 + _MOST_NUMBERS // max(1, vector.shape[0])):
            self._summarize()

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
        if self._first is None:
            self._first = rows[0].copy()
        with np.errstate(all="ignore"):  # weights that are not finite give summaries that are not finite
            self._done.append(summary(self.plan, rows, self._first))


def summary(plan: Plan, rows: np.ndarray, first: np.ndarray) -> dict[str, np.ndarray]:
    """The recorded variables, from vectors in the order of `arithmetic.observed`; drifts are relative to `first`."""
    links, layers = plan.links, len(plan.layers)
    norms, rest, first = rows[:, :layers], rows[:, layers:], first[layers:]
    ends = np.cumsum([link.neurons for link in links])
    own = [slice(end - link.neurons, end) for link, end in zip(links, ends, strict=True)]
    drifts = [np.abs(rest[:, part] - first[part]) for part in own]
    matrices = rest[:, ends[-1] :].reshape(rows.shape[0], -1, 2)
    return {
        "squared_norms": norms,
        "norm_ratios": np.stack([norms[:, link.first] / norms[:, link.second] for link in links], axis=1),
        "norm_differences": np.stack([rest[:, part].sum(1) for part in own], axis=1),
        "neuron_differences": np.concatenate([rest[:, :0], *(rest[:, own[k]] for k in plan.narrow)], axis=1),
        "neuron_drift": np.stack([drift.max(1) for drift in drifts], axis=1),
        "neuron_drift_quantiles": np.stack([np.quantile(drift, QUANTILES, axis=1).T for drift in drifts], axis=1),
        "matrix_differences": matrices[:, :, 0],
        "matrix_drift": matrices[:, :, 1],
    }
