"""Ensembles that differ in numbers alone, run as one."""

from collections.abc import Sequence
from typing import NamedTuple

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.results.run import Run
from equipoise.results.simulate import simulate
from equipoise.simulation import AbstractEngine, Record
from equipoise.simulation.setup import Rules


class Case(NamedTuple):
    """One ensemble of several: the problem, the method, the law of the starts, and the seed of its random numbers."""

    problem: AbstractProblem
    dynamics: AbstractDynamics
    init: AbstractInitial
    seed: int


def simulate_together(
    cases: Sequence[Case],
    *,
    steps: int,
    replicates: int = 1,
    record: Record | None = None,
    stop: Rules = (),
    progress: bool | None = None,
    engine: str | AbstractEngine = "auto",
) -> list[Run]:
    """The runs that `simulate` gives for each case."""
    return [
        simulate(
            case.problem,
            case.dynamics,
            case.init,
            seed=case.seed,
            steps=steps,
            replicates=replicates,
            record=record,
            stop=stop,
            progress=progress,
            engine=engine,
        )
        for case in cases
    ]
