"""A run that can be watched: a generator of its looks."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import PyTree

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.status import Status
from equipoise.simulation.begin import begin
from equipoise.simulation.ending import endings
from equipoise.simulation.engines import AbstractEngine, choose_engine
from equipoise.simulation.look import flat
from equipoise.simulation.plan import Plan, Schedule
from equipoise.simulation.record import Record
from equipoise.simulation.setup import LARGEST_SEED, Rules, check_starts, make_experiment
from equipoise.simulation.walk import Walk


class Look(NamedTuple):
    """An ensemble at one recorded step.

    - `step`: how many steps were taken.
    - `theta`: the arrays of θ, each with the replicates along its leading axis.
    - `state`: what the method carries, a nest of arrays with the replicates first; None where it carries nothing.
    - `values`: the recorded variables by name, each with the replicates first; NaN for a replicate that has diverged.
    - `status`: one `Status` for each replicate; `completed` for one that runs, or has run to the last step.
    """

    step: int
    theta: tuple[np.ndarray, ...]
    state: PyTree[Any]
    values: dict[str, np.ndarray]
    status: tuple[Status, ...]


def looks(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    init: AbstractInitial,
    *,
    seed: int,
    steps: int,
    replicates: int = 1,
    record: Record | None = None,
    stop: Rules = (),
    engine: str | AbstractEngine = "auto",
) -> Iterator[Look]:
    """Run an ensemble and yield a `Look` at the start, at each step that `record` names, and at the end.

    The arguments are those of `equipoise.simulate`, and so are the paths. The run goes on when the next look is asked
    for: leave the loop to end it. It ends by itself after `steps` steps, or once every replicate has ended.

    Raises `InputError` as `equipoise.simulate` does.
    """
    record = record or Record()
    count = whole_number("replicates", replicates, 1)
    schedule = Schedule(0, whole_number("steps", steps, 0), record)
    plan = Plan(whole_number("seed", seed, 0, LARGEST_SEED), schedule)
    check_starts(init, problem, count)
    experiment = make_experiment(problem, dynamics, record, stop, init)
    walk = Walk(choose_engine(engine, experiment), experiment, schedule, plan.pace, together=1)
    return _looks(walk, init, plan.seed, count)


def _looks(walk: Walk, init: AbstractInitial, seed: int, replicates: int) -> Iterator[Look]:
    """What the walk sees, one look at a time."""
    for seen in walk.looks(begin(walk.experiment, init, seed, np.arange(replicates)), 0):
        (step,), batch = seen.steps, seen.batch
        statuses, _ = endings(batch, step, step)
        values = {name: array[0] for name, array in flat(seen.values).items()}
        theta = tuple(np.asarray(w) for w in batch.theta)
        yield Look(step, theta, batch.state, values, tuple(statuses))
