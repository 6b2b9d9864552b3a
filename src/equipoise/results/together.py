"""Ensembles that differ in numbers alone, run as one."""

import functools
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.results.dataset import dataset_of
from equipoise.results.run import Run
from equipoise.simulation import AbstractEngine, Experiment, Record
from equipoise.simulation.begin import begin
from equipoise.simulation.engines import AbstractVisitingEngine, is_law
from equipoise.simulation.ensemble import Ensemble, Group, run_ensemble
from equipoise.simulation.setup import LARGEST_SEED, Given, Rules, Setup, make_experiment, set_up
from equipoise.simulation.together import differing, form_of, same


class Case(NamedTuple):
    """One ensemble of several: the problem, the method, the law of the starts, and the seed of its random numbers."""

    problem: AbstractProblem
    dynamics: AbstractDynamics
    init: AbstractInitial
    seed: int

    @property
    def form(self) -> Hashable:
        """What cases have in common that differ in numbers alone, and so run in one program."""
        return tuple(form_of(part) for part in (self.problem, self.dynamics, self.init))


def simulate_together(
    cases: Sequence[Case],
    *,
    steps: int,
    replicates: int = 1,
    first_replicate: int = 0,
    record: Record | None = None,
    stop: Rules = (),
    progress: bool | None = None,
    engine: str | AbstractEngine = "auto",
) -> list[Run]:
    """The runs that `simulate` gives for each case, all in one program.

    - `cases`: problems, methods and starts of the same `form`, each case with its seed.
    - `steps`, `replicates`, `record`, `stop`, `progress`, `engine`: as for `simulate`, for every case.
    - `first_replicate`: the number of the first replicate of each case; 0 by default.

    A native engine runs cases whose problems differ one after the other. Ctrl-C gives what has been recorded so far, as
    `simulate` does. Raises `InputError` for cases that differ in more than numbers, and as `simulate` does.
    """
    if not cases:
        return []
    if any(case.form != cases[0].form for case in cases[1:]):
        raise InputError("The cases differ in more than numbers; run those of each form by themselves.")
    settings: dict[str, Any] = {"steps": steps, "replicates": replicates, "record": record, "stop": stop}
    problem, dynamics, init, seed = cases[0]
    first = set_up(problem, dynamics, init, seed=seed, engine=engine, progress=progress, **settings)
    if is_law(first.engine):
        later = [set_up(*case[:3], seed=case.seed, engine=first.engine, **settings) for case in cases[1:]]
    else:
        later = [_like(first, case) for case in cases[1:]]
    setups = [first, *later]
    numbers = whole_number("first_replicate", first_replicate, 0) + np.arange(first.replicates)
    together = [setups] if _is_one_program(setups) else [[setup] for setup in setups]
    ensembles = [ensemble for group in together for ensemble in _ensembles(group, numbers)]
    return [Run.of(found, dataset_of(found, setup)) for found, setup in zip(ensembles, setups, strict=True)]


def _like(first: Setup, case: Case) -> Setup:
    """The setup of a further case; an optimum that was found for the first case is not searched for again."""
    known, record = first.experiment, first.plan.schedule.record
    if same(case.problem, first.given.problem):
        case.dynamics.check(case.problem)
        experiment = Experiment(known.problem, case.dynamics, known.observables, known.stop)
    else:
        experiment = make_experiment(case.problem, case.dynamics, record, known.stop, case.init)
    seed = whole_number("seed", case.seed, 0, LARGEST_SEED)
    given = Given(case.problem, case.dynamics, case.init)
    return first._replace(experiment=experiment, init=case.init, plan=first.plan._replace(seed=seed), given=given)


def _is_one_program(setups: Sequence[Setup]) -> bool:
    """Whether the engine takes all of them at once; compiled code outside JAX takes those of one problem."""
    if setups[0].engine.is_traced:
        return True
    one = setups[0].experiment.problem
    return isinstance(setups[0].engine, AbstractVisitingEngine) and all(
        same(setup.experiment.problem, one) for setup in setups[1:]
    )


def _ensembles(setups: Sequence[Setup], numbers: np.ndarray) -> list[Ensemble]:
    """The ensemble of each setup, from one run of the replicates of all of them."""
    each, plan = numbers.size, setups[0].plan
    shared, own = differing([setup.experiment for setup in setups])
    start, own_start = differing([setup.init for setup in setups])
    own, own_start = jax.tree.map(lambda column: np.repeat(column, each, axis=0), (own, own_start))
    seeds = np.repeat([setup.plan.seed for setup in setups], each)
    numbers_of_all = np.tile(numbers, len(setups))
    places = np.arange(seeds.size)
    first = functools.partial(begin, shared, start, seeds, numbers_of_all, own, own_start)
    found = run_ensemble(setups[0].engine, shared, [Group(places, plan.schedule.first_step, first)], plan)
    return [_part(found, slice(i * each, (i + 1) * each), numbers) for i in range(len(setups))]


def _part(whole: Ensemble, rows: slice, numbers: np.ndarray) -> Ensemble:
    """The replicates in `rows`, recorded up to the first look after which none of them runs."""
    end_step, steps = whole.end_step[rows], whole.steps
    looks = min(int(np.searchsorted(steps, end_step.max())) + 1, steps.size)
    return whole._replace(
        steps=steps[:looks],
        values={name: array[rows, :looks] for name, array in whole.values.items()},
        theta=tuple(w[rows] for w in whole.theta),
        state={name: leaf[rows] for name, leaf in whole.state.items()},
        status=whole.status[rows],
        end_step=end_step,
        numbers=numbers,
        seconds=whole.seconds * numbers.size / whole.end_step.size,
    )
