"""One chunk of replicates: rounds of steps and looks until all have ended."""

import dataclasses
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from equipoise.core.initial import AbstractInitial
from equipoise.simulation.engines import AbstractEngine, Batch, Experiment, Recording
from equipoise.simulation.plan import Plan

_STEPS_PER_CALL = 1024
_LOOKS_PER_CALL = 128
_SECONDS_PER_CALL = 0.25

Computed = TypeVar("Computed")


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
        """From the start to the last step, the end of every replicate, or Ctrl-C.

        Ctrl-C before the first look, when there is nothing to keep, is passed on.
        """
        batch = self.engine.start(self.experiment, init, self.plan.seed, jnp.asarray(self.numbers))
        at = self._looked(Part([], batch, self.plan.first_step, False), 0, 1)
        try:
            while at.step < self.plan.last_step and at.recordings[-1].running[:, -1].any():
                at = self._round(at)  # one assignment, so that Ctrl-C finds recordings and batch at the same step
        except KeyboardInterrupt:
            return at._replace(interrupted=True)
        return at

    def _round(self, at: Part) -> Part:
        """As many looks as one call holds, or one look after one call of steps or more."""
        every, left = self.plan.every, self.plan.last_step - at.step
        if every <= min(left, self.steps_per_call):
            looks = min(_LOOKS_PER_CALL, self.steps_per_call // every, left // every)
            begin = time.perf_counter()
            now = self._looked(at, every, looks)
            self._learn_pace(looks * every, time.perf_counter() - begin)
            self.tell(looks * every * self.numbers.size)
            return now
        count = min(every, left)
        return self._looked(at._replace(batch=self._advance(at.batch, at.step, count), step=at.step + count), 0, 1)

    def _looked(self, at: Part, every: int, looks: int) -> Part:
        """`looks` rounds of `every` steps and a look, and what was seen, on the host."""
        batch, seen = self.engine.advance_and_look(self.experiment, at.batch, at.step, every, looks, _LOOKS_PER_CALL)
        recording = jax.tree.map(lambda array: np.asarray(array)[:, :looks], _settled(seen))
        return Part([*at.recordings, recording], batch, at.step + looks * every, False)

    def _advance(self, batch: Batch, step: int, count: int) -> Batch:
        """`count` steps in calls of about `_SECONDS_PER_CALL`."""
        done = 0
        while done < count:
            now = min(self.steps_per_call, count - done)
            begin = time.perf_counter()
            batch = _settled(self.engine.advance(self.experiment, batch, step + done, now))
            self._learn_pace(now, time.perf_counter() - begin)
            done += now
            self.tell(now * self.numbers.size)
        return batch

    def _learn_pace(self, steps: int, seconds: float) -> None:
        """Change by at most a factor 4 at once, since the first call also compiles."""
        wanted = steps * _SECONDS_PER_CALL / max(seconds, 1e-6)
        now = self.steps_per_call
        self.steps_per_call = int(np.clip(wanted, max(1, now // 4), 4 * now))


def _settled(computed: Computed) -> Computed:
    """`computed`, once it is; Ctrl-C waits for the call under way, since XLA must not outlive the interpreter."""
    try:
        return jax.block_until_ready(computed)
    except KeyboardInterrupt:
        jax.block_until_ready(computed)
        raise
