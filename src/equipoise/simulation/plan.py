"""How long to run, when to look, and how many replicates to run at once."""

from typing import NamedTuple

import numpy as np

from equipoise.simulation.record import Record


class Schedule(NamedTuple):
    """A run from `first_step` to `last_step`, with looks when `record` says, at the steps `also`, and at the end."""

    first_step: int
    last_step: int
    record: Record
    also: tuple[int, ...] = ()

    def after(self, step: int) -> int:
        """The step of the next look after `step`; `step` must be before the last."""
        place = int(np.searchsorted(self.also, step, side="right"))
        also = self.also[place : place + 1]
        return int(min(self.last_step, self.record.after(step, self.first_step), *also))


class Plan(NamedTuple):
    """How an ensemble is run.

    - `seed`: the seed of all random numbers.
    - `schedule`: how long to run, and when to look.
    - `chunk`: the number of replicates that run at once; all by default.
    - `progress`: whether to show a progress bar; by default only on a terminal.
    - `pace`: the number of steps in the first call; later calls adapt it.
    """

    seed: int
    schedule: Schedule
    chunk: int | None = None
    progress: bool | None = None
    pace: int = 1024
