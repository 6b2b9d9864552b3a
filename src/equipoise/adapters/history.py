"""The records of a monitor of pairs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from equipoise.adapters.arithmetic import LayerArrays, Tensor
from equipoise.adapters.plan import Plan
from equipoise.adapters.records import Records

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles of the drifts of a pair's neurons."""


class Engine(NamedTuple):
    """The functions of an array library that a plan needs."""

    matrices: Callable[[Sequence[LayerArrays]], Sequence[Tensor]]
    """The matrix invariants at the start, which later ones are compared with."""
    vector: Callable[[Sequence[LayerArrays], Sequence[Tensor]], Tensor]
    """All recorded values at one step, in the order of `arithmetic.observed`."""
    stacked: Callable[[Sequence[Tensor]], np.ndarray]
    """Vectors, or matrices, stacked as a NumPy array of float64."""
    given: Callable[[np.ndarray], Tensor] = np.asarray
    """A NumPy array as an array of the library."""


class History:
    """The records of one plan in the order of their steps.

    - `plan`, `engine`: what is recorded, and by which functions.
    - `most_records`: the number of vectors that wait on their device before NumPy summarizes them.
    """

    def __init__(self, plan: Plan, engine: Engine, *, most_records: int = 1024) -> None:
        self.plan = plan
        self.records = Records(engine.stacked, self._summary, most_records=most_records)
        self._engine = engine
        self._start: Sequence[Tensor] | None = None
        self._first: np.ndarray | None = None

    @property
    def steps(self) -> Sequence[int]:
        """The steps that were recorded."""
        return self.records.steps

    def add(self, step: Any, layers: Sequence[LayerArrays]) -> None:
        """Record the layers as they are now."""
        step = self.records.check_step(step)
        if self._start is None:
            self._start = self._engine.matrices(layers)
        self.records.add(step, self._engine.vector(layers, self._start))

    def state(self) -> dict[str, np.ndarray]:
        """All there is, as arrays by name."""
        state = self.records.state()
        if self._first is not None:
            state["first"] = self._first
        matrices = {f"start/{k}": self._engine.stacked([matrix])[0] for k, matrix in enumerate(self._start or ())}
        return state | matrices

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continue from a state of the same plan."""
        self.records.restore(state)
        self._first = state.get("first")
        linear = range(len(self.plan.linear))
        self._start = [self._engine.given(state[f"start/{k}"]) for k in linear] if self.steps else None

    def _summary(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        if self._first is None:
            self._first = rows[0].copy()
        return summary(self.plan, rows, self._first)


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
