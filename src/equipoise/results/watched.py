"""A run under a loop of one's own, which keeps its recordings."""

import time
from collections.abc import Iterator

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.results.dataset import dataset_of
from equipoise.results.run import Run
from equipoise.simulation import AbstractEngine, Look, Record
from equipoise.simulation.ending import stopped_at
from equipoise.simulation.ensemble import assembled, part_of
from equipoise.simulation.setup import Rules, Setup, set_up
from equipoise.simulation.walk import Kept, Looks
from equipoise.simulation.watching import look_of, one_by_one


class Watched:
    """An iterator over the looks of a run, which also keeps the run so far; made by `watch`.

    Iterate over it to advance the run from look to look. `run()` returns the recordings so far as a `Run`, at any time:
    in the loop, after leaving it, at its end, and after Ctrl-C. `stop()` ends the run for good.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._walk = one_by_one(setup)
        self._kept = Kept()
        self._began = time.perf_counter()

    def __iter__(self) -> Iterator[Look]:
        return self

    def __next__(self) -> Look:
        seen = next(self._walk)
        self._kept.add(seen)
        return look_of(seen)

    def stop(self) -> None:
        """End the run at the last look: the loop ends, and replicates that are still running become `stopped`."""
        self._walk.close()
        if self._kept.last is not None:
            recorded, batch = self._kept.last
            self._kept.last = Looks(recorded, stopped_at(batch, recorded.steps[-1]))

    def run(self) -> Run:
        """The run so far; replicates that are still running before the last step count as `interrupted`.

        Raises `InputError` before the first look.
        """
        setup = self._setup
        if self._kept.last is None:
            raise InputError("Nothing is recorded yet; take a first look, by next(watched) or by a loop over it.")
        (group,) = setup.groups()
        seconds = time.perf_counter() - self._began
        ensemble = assembled([part_of(group, self._kept)], setup.experiment, setup.plan, None, seconds)
        return Run.of(ensemble, dataset_of(ensemble, setup))


def watch(
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
) -> Watched:
    """Run an ensemble in a loop of your own: iterate over the result for its looks, then call its `run()`.

    The arguments and the paths are those of `equipoise.simulate`. Each look has the step, θ, the state of the method,
    the recorded values and the statuses (`equipoise.simulation.Look`). Leave the loop to pause the run, or call
    `stop()` in it to end the run for good.

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
    return Watched(setup)
