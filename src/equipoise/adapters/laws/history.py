"""The records of a monitor of laws: sums of squares along axes, which become values of laws once these are known."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from equipoise.adapters.arithmetic import Tensor
from equipoise.adapters.history import QUANTILES
from equipoise.adapters.laws.law import GradientLaws, Law
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.sums import Key
from equipoise.adapters.plan import Limits
from equipoise.adapters.records import Records


class LawEngine(NamedTuple):
    """The functions of an array library that records need."""

    vector: Callable[[Mapping[str, Tensor], Sequence[Key], Sequence[Law], Sequence[Tensor]], Tensor]
    """The sums of squares along the axes of the keys, then ‖D‖_F and ‖D − D_start‖_F of matrix laws."""
    matrices: Callable[[Mapping[str, Tensor], Sequence[Law]], Sequence[Tensor]]
    """D = Σ c_k W_k W_kᵀ of matrix laws, block by block."""
    stacked: Callable[[Sequence[Tensor]], np.ndarray]
    """Vectors, or blocks, stacked as a NumPy array of float64."""
    given: Callable[[np.ndarray], Tensor]
    """A NumPy array as an array of the library."""


class LawHistory:
    """The records of a model's parameters in the order of their steps.

    - `samples`: the shapes and axes of the parameters.
    - `laws`: the laws, or None while they are not known; see `decide`. Until then the sums along all axes are kept, of
      about a million numbers at most; beyond that every second record is dropped.
    - `limits`: how often to record, and the widest law whose channels are all recorded.
    - `engine`: the functions of the array library.
    - `given`: laws that are known but not tested yet; the matrices of their matrix laws are recorded from the start.
    """

    def __init__(
        self,
        samples: Samples,
        laws: GradientLaws | None,
        limits: Limits,
        engine: LawEngine,
        *,
        given: GradientLaws | None = None,
    ) -> None:
        self.samples = samples
        self.laws = laws
        self.limits = limits
        self.records = Records(engine.stacked, self._summary, held=laws is None)
        self._engine = engine
        self._keys = self._needed()
        known = laws or given
        self._matrix_laws = tuple(law for law in known.laws if law.matrix) if known else ()
        self._start: Sequence[Tensor] | None = None
        self._first: list[np.ndarray] | None = None

    @property
    def steps(self) -> Sequence[int]:
        """The steps that were recorded."""
        return self.records.steps

    @property
    def matrix_laws(self) -> list[int]:
        """The numbers of the laws that are recorded as matrices."""
        recorded = {(law.columns, law.coefficients) for law in self._matrix_laws}
        laws = self.laws.laws if self.laws else ()
        return [k for k, law in enumerate(laws) if (law.columns, law.coefficients) in recorded]

    def _needed(self) -> list[Key]:
        """The axes whose sums are recorded: one of each parameter for its norm, and all that laws are about."""
        used = (
            {(name, kept) for name, axes in self.samples.axes.items() for kept in axes}
            if self.laws is None
            else {(c.parameter, c.axes) for law in self.laws.laws for c in law.columns}
        )
        keys = []
        for name, axes in self.samples.axes.items():
            own = [kept for kept in axes if (name, kept) in used]
            keys += [(name, kept) for kept in own or axes[:1]]
        return keys

    def add(self, step: Any, weights: Mapping[str, Tensor]) -> None:
        """Record the parameters as they are now."""
        step = self.records.check_step(step)
        if self._start is None:
            self._start = self._engine.matrices(weights, self._matrix_laws)
        self.records.add(step, self._engine.vector(weights, self._keys, self._matrix_laws, self._start))

    def decide(self, laws: GradientLaws) -> None:
        """Take these laws from now on, and for what was recorded while none were known."""
        self.laws = laws
        self.records.release()
        self._keys = self._needed()

    def state(self) -> dict[str, np.ndarray]:
        """All there is but the laws, as arrays by name."""
        state = self.records.state()
        first = {f"first/{k}": values for k, values in enumerate(self._first or ())}
        return state | first | {f"start/{k}": self._engine.stacked([d])[0] for k, d in enumerate(self._start or ())}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continue from a state with the same laws."""
        self.records.restore(state)
        if self.steps:
            self._start = [self._engine.given(state[f"start/{k}"]) for k in range(len(self._matrix_laws))]
        if self.laws is not None and self.steps:
            self._first = [state[f"first/{k}"] for k in range(len(self.laws.laws))]

    def _summary(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        shapes = self.samples.shapes
        lengths = [math.prod(shapes[name][a] for a in axes) for name, axes in self._keys]
        parts = np.split(rows, np.cumsum(lengths), axis=1)
        sums = dict(zip(self._keys, parts[:-1], strict=True))
        laws = self.laws.laws if self.laws else ()
        values = [law.combined([c.folded(sums[c.parameter, c.axes]) for c in law.columns]) for law in laws]
        if self._first is None and self.laws is not None:
            self._first = [value[0] for value in values]
        drifts = [abs(value - first) for value, first in zip(values, self._first or (), strict=True)]
        norms = {name: part.sum(axis=1) for (name, _), part in sums.items()}
        none = np.zeros((len(rows), 0))
        narrow = [value for value in values if value.shape[1] <= self.limits.neurons]
        places = {(law.columns, law.coefficients): k for k, law in enumerate(self._matrix_laws)}
        kept = [places[laws[k].columns, laws[k].coefficients] for k in self.matrix_laws]
        matrices = parts[-1].reshape(len(rows), -1, 2)[:, kept]
        return {
            "squared_norms": np.stack([norms[name] for name in shapes], axis=1),
            "law_sums": np.stack([v.sum(axis=1) for v in values], axis=1) if values else none,
            "law_drift": np.stack([d.max(axis=1) for d in drifts], axis=1) if values else none,
            "law_drift_quantiles": np.stack([np.quantile(d, QUANTILES, axis=1).T for d in drifts], axis=1)
            if values
            else np.zeros((len(rows), 0, len(QUANTILES))),
            "law_values": np.concatenate([none, *narrow], axis=1),
            "matrix_differences": matrices[:, :, 0],
            "matrix_drift": matrices[:, :, 1],
        }
