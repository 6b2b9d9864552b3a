"""How long to run, when to look, and how much of the ensemble at once."""

from typing import NamedTuple

import numpy as np

from equipoise.simulation.record import Record


class Schedule(NamedTuple):
    """From `first_step` to `last_step`, looked at when `record` says, at the steps `also`, and at the end."""

    first_step: int
    last_step: int
    record: Record
    also: tuple[int, ...] = ()

    def after(self, step: int) -> int:
        """The next step to look at after `step`, which is before the last."""
        place = int(np.searchsorted(self.also, step, side="right"))
        also = self.also[place : place + 1]
        return int(min(self.last_step, self.record.after(step, self.first_step), *also))


class Plan(NamedTuple):
    """How an ensemble is run.

    `chunk` is how many replicates run at once, None for all of them; `progress` whether to show a bar, None for a
    terminal only; `pace` how many steps the first call takes, from which on calls are made as long as the loop wants.
    """

    seed: int
    schedule: Schedule
    chunk: int | None = None
    progress: bool | None = None
    pace: int = 1024
