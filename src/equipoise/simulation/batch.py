"""What is run, and where each replicate of it stands."""

from typing import Any, NamedTuple

import equinox as eqx
from jaxtyping import Array, Int, PyTree

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.observable import Observable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key
from equipoise.simulation.stop import StopWhen


class Experiment(eqx.Module):
    """A problem, the method that descends on it, what is recorded of it, and when a replicate may stop early."""

    problem: AbstractProblem
    dynamics: AbstractDynamics
    observables: tuple[Observable, ...]
    stop: tuple[StopWhen, ...] = eqx.field(static=True)


class Batch(NamedTuple):
    """Where each replicate stands; every array has the replicates along its leading axis.

    `theta` and `state` are those before the next step, `noise_key` is the key from which a replicate's steps take
    theirs. `status` is a code of `Status`, that of `completed` as long as the replicate runs; `end_step` is the number
    of steps after which it ended, −1 as long as it runs.
    """

    theta: tuple[Array, ...]
    state: PyTree[Any]
    noise_key: Key
    status: Int[Array, " replicates"]
    end_step: Int[Array, " replicates"]
