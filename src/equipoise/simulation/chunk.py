"""One chunk of replicates: rounds of steps and looks until all have ended."""

import dataclasses
import time
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from equipoise.core.initial import AbstractInitial
from equipoise.simulation.engines import AbstractEngine, Batch, Experiment, Recording
from equipoise.simulation.plan import Plan

_STEPS_PER_CALL = 1024
_SECONDS_PER_CALL = 0.25


class Part(NamedTuple):
    """A chunk's recordings, each (replicate, look, …), where it stands, and whether it was interrupted."""

    recordings: list[Recording]
    batch: Batch
    step: int
    interrupted: bool


@dataclasses.dataclass
class Chunk:
    """Runs replicates `numbers`, in calls short enough that Ctrl-C and the progress bar are served.

    `tell` hears of every replicate-step done.
    """

    engine: AbstractEngine
    experiment: Experiment
    plan: Plan
    numbers: np.ndarray
    tell: Callable[[int], None]
    steps_per_call: int = _STEPS_PER_CALL

    def run(self, init: AbstractInitial) -> Part:
        """From the start to the last step, the end of every replicate, or Ctrl-C."""
        step, last, every = self.plan.first_step, self.plan.last_step, self.plan.every
        room = max(1, _STEPS_PER_CALL // every)
        batch = self.engine.start(self.experiment, init, self.plan.seed, jnp.asarray(self.numbers))
        recordings: list[Recording] = []
        interrupted = False
        try:
            batch = self._look(recordings, batch, step, 0, 1, room)
            while step < last and recordings[-1].running[:, -1].any():
                if step + every <= last and every <= _STEPS_PER_CALL:
                    looks = min(room, (last - step) // every)
                    batch = self._look(recordings, batch, step, every, looks, room)
                    done = looks * every
                    self.tell(done * self.numbers.size)
                else:
                    done = min(every, last - step)
                    moved = self._advance(batch, step, done)
                    batch = self._look(recordings, moved, step + done, 0, 1, room)
                step += done
        except KeyboardInterrupt:
            interrupted = True
        return Part(recordings, batch, step, interrupted)

    def _look(self, recordings: list[Recording], batch: Batch, step: int, every: int, looks: int, room: int) -> Batch:
        """`looks` rounds of `every` steps and a look; what was seen is appended to `recordings`, on the host."""
        batch, seen = self.engine.advance_and_look(self.experiment, batch, step, every, looks, room)
        recordings.append(jax.tree.map(lambda array: np.asarray(array)[:, :looks], seen))
        return batch

    def _advance(self, batch: Batch, step: int, count: int) -> Batch:
        """`count` steps in calls of about `_SECONDS_PER_CALL`."""
        done = 0
        while done < count:
            now = min(self.steps_per_call, count - done)
            begin = time.perf_counter()
            batch = jax.block_until_ready(self.engine.advance(self.experiment, batch, step + done, now))
            self._learn_pace(now, time.perf_counter() - begin)
            done += now
            self.tell(now * self.numbers.size)
        return batch

    def _learn_pace(self, steps: int, seconds: float) -> None:
        """Change by at most a factor 4 at once, since the first call also compiles."""
        wanted = steps * _SECONDS_PER_CALL / max(seconds, 1e-6)
        now = self.steps_per_call
        self.steps_per_call = int(np.clip(wanted, max(1, now // 4), 4 * now))
