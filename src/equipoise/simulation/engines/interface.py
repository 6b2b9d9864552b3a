"""What an engine is: something that advances a batch of replicates and looks at it."""

import abc
from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array, Bool, Int, PyTree

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.initial import AbstractInitial
from equipoise.core.observable import Observable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key
from equipoise.simulation.stop import StopWhen


class Batch(NamedTuple):
    """Where each replicate stands; every array has the replicates along its leading axis."""

    theta: tuple[Array, ...]
    state: PyTree[Any]
    noise_key: Key
    status: Int[Array, " replicates"]
    end_step: Int[Array, " replicates"]


class Recording(NamedTuple):
    """What looks at a batch gave: values by name, and which replicates were still running."""

    values: dict[str, Array]
    running: Bool[Array, "..."]


class Experiment(eqx.Module):
    """What an engine is asked to run."""

    problem: AbstractProblem
    dynamics: AbstractDynamics
    observables: tuple[Observable, ...]
    stop: tuple[StopWhen, ...] = eqx.field(static=True)


class AbstractEngine(eqx.Module):
    """Advances batches of replicates. Two engines give the same paths up to rounding."""

    @abc.abstractmethod
    def start(
        self, experiment: Experiment, init: AbstractInitial, seed: int, replicates: Int[Array, " replicates"]
    ) -> Batch:
        """The replicates of the given numbers at step 0."""

    @abc.abstractmethod
    def advance(self, experiment: Experiment, batch: Batch, step: int, count: int) -> Batch:
        """The batch after `count` more steps, the first of which is number `step`."""

    @abc.abstractmethod
    def advance_and_look(
        self, experiment: Experiment, batch: Batch, step: int, every: int, looks: int, room: int
    ) -> tuple[Batch, Recording]:
        """`looks` times `every` steps and a look at the observables, which may end replicates by the stop rules.

        The recording has `room` looks along its second axis, after the replicates; those past `looks` mean nothing.
        """
