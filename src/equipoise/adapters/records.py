"""Records in the order of their steps: vectors that stay on their device until they are many or needed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from equipoise.adapters.arithmetic import Tensor
from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError

Rows = Float[np.ndarray, "records numbers"]
Summaries = dict[str, np.ndarray]

_MOST_NUMBERS = 2**20


class Records:
    """Vectors of one length, which become summaries many at a time.

    - `stacked`: puts vectors together as the rows of a NumPy array of float64.
    - `summarize`: makes the recorded variables from rows, each with a leading axis of records.
    - `held`: whether rows cannot be summarized for good yet. Then every second record is dropped whenever they
      become too many, but never the first or the last.
    - `most_records`: how many vectors wait at most.
    """

    def __init__(
        self,
        stacked: Callable[[Sequence[Tensor]], np.ndarray],
        summarize: Callable[[Rows], Summaries],
        *,
        held: bool = False,
        most_records: int = 1024,
    ) -> None:
        self.steps: list[int] = []
        self._stacked = stacked
        self._summarize = summarize
        self._held = held
        self._most_records = most_records
        self._waiting: list[Tensor] = []
        self._rows: list[np.ndarray] = []  # those of `_waiting` that have left their device
        self._done: list[Summaries] = []

    def check_step(self, step: Any) -> int:
        """`step` as a whole number; raises `InputError` unless it is above the last one recorded."""
        step = whole_number("step", step, 0)
        if self.steps and step <= self.steps[-1]:
            raise InputError(f"Step {step} comes after step {self.steps[-1]}; record steps in increasing order.")
        return step

    def add(self, step: int, vector: Tensor) -> None:
        """Record a vector."""
        most = min(self._most_records, 1 + _MOST_NUMBERS // max(1, vector.shape[0]))
        if self._held and len(self.steps) >= max(2, most):
            rows = self._all_rows()[::2]
            self._rows, self._waiting, self.steps = list(rows), [], self.steps[::2]
        self.steps.append(step)
        self._waiting.append(vector)
        if not self._held and len(self._waiting) >= most:
            self._close()

    def release(self) -> None:
        """Summarize what was held, and whatever comes from now on."""
        self._held = False
        self._close()

    def summaries(self) -> Summaries:
        """Every summary, with a leading axis of records; raises `InputError` if nothing is recorded."""
        if not self.steps:
            raise InputError("Nothing is recorded yet; call record first.")
        if self._held:
            return self._summarize(self._all_rows())
        self._close()
        if len(self._done) > 1:
            self._done = [{name: np.concatenate([part[name] for part in self._done]) for name in self._done[0]}]
        return dict(self._done[0])

    def latest(self) -> Summaries:
        """The summary of the last record; empty if there is none, or if it is held."""
        if not self.steps or self._held:
            return {}
        self._close()
        return {name: values[-1] for name, values in self._done[-1].items()}

    def state(self) -> dict[str, np.ndarray]:
        """All there is, as arrays by name."""
        state = {"steps": np.array(self.steps, dtype=int)}
        if self.steps and self._held:
            return state | {"rows": self._all_rows()}
        return state | ({f"done/{name}": values for name, values in self.summaries().items()} if self.steps else {})

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continue from a state; whether records are held must be as it was then."""
        self.steps = [int(step) for step in state["steps"]]
        self._waiting, self._rows = [], list(state.get("rows", ()))
        done = {name.removeprefix("done/"): values for name, values in state.items() if name.startswith("done/")}
        self._done = [done] if done else []

    def _all_rows(self) -> Rows:
        parts = [np.stack(self._rows)] if self._rows else []
        return np.concatenate([*parts, *([self._stacked(self._waiting)] if self._waiting else [])])

    def _close(self) -> None:
        """Summarize what waits."""
        if self._waiting or self._rows:
            rows = self._all_rows()
            self._waiting, self._rows = [], []
            with np.errstate(all="ignore"):  # weights that are not finite give summaries that are not finite
                self._done.append(self._summarize(rows))
