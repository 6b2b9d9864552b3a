"""What is run, and the current position of each replicate."""

from typing import Any, NamedTuple, TypeVar

import equinox as eqx
from jaxtyping import Array, Int, PyTree

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.observable import Observable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key
from equipoise.simulation.stop import StopWhen

Part = TypeVar("Part", bound=eqx.Module)


class Experiment(eqx.Module):
    """A problem, the method that descends on it, the observables to record, and the rules for stopping early."""

    problem: AbstractProblem
    dynamics: AbstractDynamics
    observables: tuple[Observable, ...]
    stop: tuple[StopWhen, ...] = eqx.field(static=True)


class Batch(NamedTuple):
    """The position of each replicate; every array has the replicates along its leading axis.

    - `theta`: θ before the next step.
    - `state`: the state of the method before the next step.
    - `noise_key`: the key from which the keys of a replicate's steps are folded.
    - `status`: a code of `Status`; that of `completed` while the replicate runs.
    - `end_step`: the number of steps after which the replicate ended; −1 while it runs.
    - `own`: the numbers of the experiment that differ between replicates, as an `Experiment` that is None elsewhere;
      None if all replicates share everything.
    """

    theta: tuple[Array, ...]
    state: PyTree[Any]
    noise_key: Key
    status: Int[Array, " replicates"]
    end_step: Int[Array, " replicates"]
    own: Any = None


def experiment_of(shared: Experiment, at: Batch) -> Experiment:
    """The experiment of one replicate (a `Batch` without the leading axis): its own numbers, and what all share."""
    return with_own(shared, at.own)


def with_own(shared: Part, own: Any) -> Part:
    """`shared` with the numbers that `own` holds in their places; `own` is None elsewhere, or as a whole."""
    return shared if own is None else eqx.combine(own, shared)
