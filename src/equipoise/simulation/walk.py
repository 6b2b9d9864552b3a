"""The one loop: a generator that makes steps and looks until every replicate has ended, and yields the recordings."""

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
    """The recordings of consecutive looks.

    - `steps`: the number of steps taken before each look.
    - `values`: the recorded values by name for each observable, arrays (look, replicate, …).
    - `running`: which replicates were still running after each look, (look, replicate).
    """

    steps: list[int]
    values: tuple[dict[str, np.ndarray], ...]
    running: np.ndarray


class Looks(NamedTuple):
    """Consecutive looks at a batch: their recordings, and the batch at the last of them."""

    recorded: Recorded
    batch: Batch


class Kept:
    """The recordings of a walk, and the batch of its last look alone, so that memory does not grow with θ."""

    def __init__(self) -> None:
        self.last: Looks | None = None
        self._recorded: list[Recorded] = []

    def add(self, looks: Looks) -> None:
        """Add more looks; even after Ctrl-C the batch and the recordings are at the same step."""
        self.last = looks  # a single assignment; `recorded` completes the rest
        self._recorded.append(looks.recorded)

    @property
    def recorded(self) -> list[Recorded]:
        """All recordings, in order."""
        if self.last is not None and (not self._recorded or self._recorded[-1] is not self.last.recorded):
            self._recorded.append(self.last.recorded)
        return self._recorded


@dataclasses.dataclass
class Walk:
    """Runs a batch along a schedule, in calls that are short enough for Ctrl-C and the progress bar.

    - `engine`, `experiment`, `schedule`: what advances the batch, what is run, and when to look.
    - `pace`: the number of steps in the first call; later calls adapt it to the clock.
    - `together`: the largest number of looks in one call.
    - `tell`: called with the number of steps after each call, summed over the replicates.
    """

    engine: AbstractEngine
    experiment: Experiment
    schedule: Schedule
    pace: int
    together: int = MOST_LOOKS
    tell: Callable[[int], None] = lambda count: None

    def looks(self, batch: Batch, step: int, *, seen_there: bool = False) -> Iterator[Looks]:
        """Looks until all replicates have ended; the first is at `step` unless it was `seen_there` before.

        The yielded looks are consistent even after an interruption: their batch is that of the last look.
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
        """The looks of the next call; calls of steps alone come first if even the first look is too far away."""
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
        """The step of the next look, and of the looks after it that fit into the same call."""
        steps = [self.schedule.after(step)]
        while len(steps) < most and steps[-1] < self.schedule.last_step:
            following = self.schedule.after(steps[-1])
            if following - step > self.pace:
                break
            steps.append(following)
        return steps

    def _done(self, batch: Batch, steps: int, seconds: float) -> None:
        """Report the steps, and adapt the pace by at most a factor of 4, because the first call also compiles."""
        self.tell(steps * batch.status.shape[0])
        wanted = steps * _SECONDS_PER_CALL / max(seconds, 1e-6)
        now = self.pace
        self.pace = int(np.clip(wanted, max(1, now // 4), 4 * now))


def _looks(now: Rounds, steps: list[int]) -> Looks:
    return Looks(Recorded(steps, now.values, now.running), now.batch)
