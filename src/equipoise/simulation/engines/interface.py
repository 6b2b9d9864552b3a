"""The base class of engines, which advance a batch of replicates."""

import abc
from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np

from equipoise.core.status import Status
from equipoise.core.types import AnyArray, StepIndex
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.ending import RUNNING


class AbstractEngine(eqx.Module):
    """Advances batches of replicates; it knows nothing of starts, observables, stop rules or files.

    All engines give the same paths, up to rounding: each step computes what `one_step` computes.
    """

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """The name by which the engine is chosen, and which a dataset records."""

    @property
    @abc.abstractmethod
    def is_traced(self) -> bool:
        """Whether `advance` is JAX code; if so, the loop compiles it together with the looks."""

    @abc.abstractmethod
    def refusal(self, experiment: Experiment) -> str:
        """Why the engine cannot run the experiment, as in "the native engine …"; empty if it can."""

    @abc.abstractmethod
    def advance(self, experiment: Experiment, batch: Batch, step: StepIndex, count: StepIndex) -> Batch:
        """The batch after `count` more steps, the first of them number `step`; ended replicates do not move."""


class Visits(NamedTuple):
    """Where a batch was at consecutive looks, and how it ended.

    - `seen`: θ at each look, arrays (look, replicate, …); entries beyond the looks, and those of a replicate after it
      has ended, are undefined.
    - `theta`: θ after the last step, or the last bounded θ of a replicate that has diverged.
    - `lost_after`: for each replicate the number of steps after which it diverged, −1 if it did not.
    """

    seen: tuple[AnyArray, ...]
    theta: tuple[AnyArray, ...]
    lost_after: AnyArray


class AbstractVisitingEngine(AbstractEngine):
    """An engine that is not JAX code, and passes several looks in one call; for methods without a state."""

    @property
    def is_traced(self) -> bool:
        """False: it is called for the steps, and the loop looks at the positions that it returns."""
        return False

    @abc.abstractmethod
    def visit(self, experiment: Experiment, batch: Batch, step: int, counts: Sequence[int], room: int) -> Visits:
        """The positions after `counts[0]`, `counts[0] + counts[1]`, … steps, in arrays with room for `room` looks."""

    def advance(self, experiment: Experiment, batch: Batch, step: StepIndex, count: StepIndex) -> Batch:
        """The batch after `count` more steps; ended replicates do not move."""
        visits = self.visit(experiment, batch, int(step), [int(count)], 1)
        status, end_step = np.asarray(batch.status), np.asarray(batch.end_step)
        lost = (status == RUNNING) & (visits.lost_after >= 0)
        status = np.where(lost, Status.diverged.code, status)
        moved = (visits.theta, status, np.where(lost, visits.lost_after, end_step))
        theta, status, end_step = jax.device_put(moved)
        return batch._replace(theta=theta, status=status, end_step=end_step)
