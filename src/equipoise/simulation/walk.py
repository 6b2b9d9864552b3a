"""The one loop: steps and looks until every replicate has ended, as a generator that says what it saw."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.ending import RUNNING
from equipoise.simulation.engines import AbstractEngine
from equipoise.simulation.plan import Schedule
from equipoise.simulation.rounds import MOST_LOOKS, Rounds, rounds, steps_alone

_SECONDS_PER_CALL = 0.25


class Recorded(NamedTuple):
    """What consecutive looks saw: the steps taken by then, and arrays (look, replicate, …).

    `values` has the variables of each observable by name, and `running` says who still ran after each look.
    """

    steps: list[int]
    values: tuple[dict[str, np.ndarray], ...]
    running: np.ndarray


class Looks(NamedTuple):
    """Consecutive looks at a batch: what they saw, and where the replicates stand at the last of them."""

    recorded: Recorded
    batch: Batch


class Kept:
    """The looks of a walk, of which the last one's batch alone is kept, so that memory does not grow with θ."""

    def __init__(self) -> None:
        self.last: Looks | None = None
        self._recorded: list[Recorded] = []

    def add(self, looks: Looks) -> None:
        """Keep one more; Ctrl-C leaves the batch and the recordings at the same step."""
        self.last = looks  # one assignment, from which `recorded` follows
        self._recorded.append(looks.recorded)

    @property
    def recorded(self) -> list[Recorded]:
        """All that was seen, in order."""
        if self.last is not None and (not self._recorded or self._recorded[-1] is not self.last.recorded):
            self._recorded.append(self.last.recorded)
        return self._recorded


@dataclasses.dataclass
class Walk:
    """Runs a batch along a schedule, in calls short enough that Ctrl-C and the progress bar are served.

    `pace` is how many steps a call takes, at first; then it follows the clock. At most `together` looks are made in one
    call. `tell` hears of every replicate-step done.
    """

    engine: AbstractEngine
    experiment: Experiment
    schedule: Schedule
    pace: int
    together: int = MOST_LOOKS
    tell: Callable[[int], None] = lambda count: None

    def looks(self, batch: Batch, step: int, *, seen_there: bool = False) -> Iterator[Looks]:
        """Looks from `step` on, the first of them there unless it was `seen_there` before, until all have ended.

        Whatever interrupts it, what it has yielded is consistent: the batch is that of the last look.
        """
        room, anyone = 1, bool((np.asarray(batch.status) == RUNNING).any())
        if not seen_there:
            now = rounds(self.engine, self.experiment, batch, step, [0])
            batch, room, anyone = now.batch, now.room, bool(now.running[-1].any())
            yield _looks(now, [step])
        while anyone and step < self.schedule.last_step:
            steps, now = self._further(batch, step, min(room, self.together))
            batch, step, room, anyone = now.batch, steps[-1], now.room, bool(now.running[-1].any())
            yield _looks(now, steps)

    def _further(self, batch: Batch, step: int, most: int) -> tuple[list[int], Rounds]:
        """As many looks as one call holds; before a look that lies further than one call of steps, these alone."""
        steps = self._within_one_call(step, most)
        while steps[0] - step > self.pace:
            count = self.pace
            begin = time.perf_counter()
            batch = steps_alone(self.engine, self.experiment, batch, step, count)
            self._done(batch, count, time.perf_counter() - begin)
            step += count
        begin = time.perf_counter()
        now = rounds(self.engine, self.experiment, batch, step, np.diff(steps, prepend=step).tolist())
        self._done(batch, steps[-1] - step, time.perf_counter() - begin)
        return steps, now

    def _within_one_call(self, step: int, most: int) -> list[int]:
        """The next look, and those after it that one call has the time for."""
        steps = [self.schedule.after(step)]
        while len(steps) < most and steps[-1] < self.schedule.last_step:
            following = self.schedule.after(steps[-1])
            if following - step > self.pace:
                break
            steps.append(following)
        return steps

    def _done(self, batch: Batch, steps: int, seconds: float) -> None:
        """Tell of the steps, and learn the pace: by at most a factor 4 at once, since the first call also compiles."""
        self.tell(steps * batch.status.shape[0])
        wanted = steps * _SECONDS_PER_CALL / max(seconds, 1e-6)
        now = self.pace
        self.pace = int(np.clip(wanted, max(1, now // 4), 4 * now))


def _looks(now: Rounds, steps: list[int]) -> Looks:
    return Looks(Recorded(steps, now.values, now.running), now.batch)
