"""A run as a generator of looks, for a loop of one's own."""

from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import PyTree

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.status import Status
from equipoise.simulation.ending import endings
from equipoise.simulation.engines import AbstractEngine
from equipoise.simulation.look import flat
from equipoise.simulation.record import Record
from equipoise.simulation.setup import Rules, Setup, set_up
from equipoise.simulation.walk import Looks, Walk


class Look(NamedTuple):
    """An ensemble at one recorded step.

    - `step`: the number of steps taken.
    - `theta`: the arrays of θ, each with the replicates along its leading axis.
    - `state`: the state of the method, a pytree of arrays with the replicates along the leading axis, or None.
    - `values`: the recorded values by name, with the replicates along the leading axis; NaN if one has diverged.
    - `status`: one `Status` for each replicate; `completed` if it is still running or has reached the last step.
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
    """Run an ensemble and yield a `Look` at the start, at each recorded step, and at the end.

    The arguments and the paths are those of `equipoise.simulate`. The run goes on when the next look is requested; to
    end it, leave the loop. It ends by itself after `steps` steps, or when every replicate has ended. `equipoise.watch`
    does the same and also keeps the recordings, as a `Run`.

    Raises `InputError` as `equipoise.simulate` does.
    """
    setup = set_up(
        problem,
        dynamics,
        init,
        seed=seed,
        steps=steps,
        replicates=replicates,
        record=record,
        stop=stop,
        engine=engine,
    )
    return (look_of(seen) for seen in one_by_one(setup))


def one_by_one(setup: Setup) -> Generator[Looks]:
    """Looks at all replicates at once, one look at a time."""
    (group,) = setup._replace(plan=setup.plan._replace(chunk=None)).groups()
    walk = Walk(setup.engine, setup.experiment, setup.plan.schedule, setup.plan.pace, together=1)
    yield from walk.looks(group.begin(), group.step)


def look_of(seen: Looks) -> Look:
    """The last of consecutive looks as a `Look`."""
    recorded, batch = seen
    step = recorded.steps[-1]
    statuses, _ = endings(batch, step, step)
    values = {name: array[-1] for name, array in flat(recorded.values).items()}
    theta = tuple(np.asarray(w) for w in batch.theta)
    return Look(step, theta, batch.state, values, tuple(statuses))
