"""From a user's arguments to a run: checks, the known optimum if it is needed, and the engine."""

import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.simulation.batch import Experiment
from equipoise.simulation.begin import begin
from equipoise.simulation.engines import AUTO, AbstractEngine, choose_engine, is_law
from equipoise.simulation.ensemble import Group
from equipoise.simulation.law import reduction, refusal_of
from equipoise.simulation.plan import Plan, Schedule
from equipoise.simulation.record import Record
from equipoise.simulation.stop import StopWhen

LARGEST_SEED = 2**63 - 1

Replicates = int | Sequence[int] | np.ndarray
"""How many replicates, or their numbers."""

Rules = StopWhen | Sequence[StopWhen]
"""One stop rule, or several; the first one that is met ends a replicate."""


class Given(NamedTuple):
    """A problem, a method and a start as the user gave them, before they were prepared for an engine."""

    problem: AbstractProblem
    dynamics: AbstractDynamics
    init: AbstractInitial


class Setup(NamedTuple):
    """A checked run.

    - `experiment`, `init`: what is run, and the law of its starts, prepared for the engine.
    - `engine`, `plan`, `replicates`: what runs it, how, and how many.
    - `given`: what the user gave.
    - `numbers`: the numbers of the replicates, if they are not 0, 1, ….
    """

    experiment: Experiment
    engine: AbstractEngine
    plan: Plan
    init: AbstractInitial
    replicates: int
    given: Given
    numbers: tuple[int, ...] | None = None

    def groups(self) -> Iterator[Group]:
        """The replicates at their start, in groups of the size that the plan asks for."""
        size = self.plan.chunk or self.replicates
        every = np.arange(self.replicates) if self.numbers is None else np.asarray(self.numbers)
        given = self.init.replicates(self.experiment.problem)
        # starts that are given for these replicates alone are taken in turn, others by number
        places = np.arange(every.size) if given is not None and given <= every[-1] else every
        for first in range(0, self.replicates, size):
            numbers, rows = every[first : first + size], places[first : first + size]
            start = functools.partial(begin, self.experiment, self.init, self.plan.seed, numbers, rows=rows)
            yield Group(numbers, self.plan.schedule.first_step, start)


def set_up(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    init: AbstractInitial,
    *,
    seed: int,
    steps: int,
    replicates: Replicates = 1,
    record: Record | None = None,
    stop: Rules = (),
    engine: str | AbstractEngine = "auto",
    first_step: int = 0,
    chunk: int | None = None,
    progress: bool | None = None,
) -> Setup:
    """The arguments of `equipoise.simulate`, checked; `InputError` for those out of range or that do not fit."""
    record = record or Record()
    number = whole_number("seed", seed, 0, LARGEST_SEED)
    numbers = replicate_numbers(replicates)
    count = whole_number("replicates", replicates, 1) if numbers is None else len(numbers)
    first = whole_number("first_step", first_step, 0)
    schedule = Schedule(first, first + whole_number("steps", steps, 0), record)
    _check_starts(init, problem, count)
    plan = make_plan(number, schedule, chunk, progress)
    experiment, chosen, start = prepared(engine, problem, dynamics, record, stop, init)
    assert start is not None
    return Setup(experiment, chosen, plan, start, count, Given(problem, dynamics, init), numbers)


def replicate_numbers(replicates: Replicates) -> tuple[int, ...] | None:
    """The numbers of the replicates in order, or None if only how many is given; `InputError` if one is given twice."""
    if not isinstance(replicates, Sequence | np.ndarray) or isinstance(replicates, str):
        return None
    numbers = tuple(sorted(whole_number("A number in replicates", number, 0, 2**31 - 1) for number in replicates))
    if not numbers or len(set(numbers)) < len(numbers):
        what = "is empty" if not numbers else "names a replicate twice"
        raise InputError(f"replicates {what}; give how many, or different numbers such as range(3, 6).")
    return numbers


def prepared(
    engine: str | AbstractEngine,
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    record: Record,
    stop: Rules = (),
    init: AbstractInitial | None = None,
) -> tuple[Experiment, AbstractEngine, AbstractInitial | None]:
    """The experiment, the engine and the start: in reduced coordinates for the engine that is exact in law."""
    if is_law(engine):
        dynamics.check(problem)
        why = refusal_of(problem, dynamics, record.chosen(problem))
        if why:
            raise InputError(f"The law engine {why}; use engine={AUTO!r}.")
        problem, dynamics, init = reduction(problem, dynamics, init)
    experiment = make_experiment(problem, dynamics, record, stop, init)
    return experiment, choose_engine(engine, experiment), init


def make_plan(seed: int, schedule: Schedule, chunk: int | None, progress: bool | None) -> Plan:
    """The plan; raises `InputError` for a chunk that is not a whole number of 1 or greater."""
    return Plan(seed, schedule, None if chunk is None else whole_number("chunk", chunk, 1), progress)


def make_experiment(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    record: Record,
    stop: Rules = (),
    init: AbstractInitial | None = None,
) -> Experiment:
    """The experiment; its problem has the optimum attached if the start or an observable needs it."""
    dynamics.check(problem)
    rules = (stop,) if isinstance(stop, StopWhen) else tuple(stop)
    observables = record.chosen(problem)
    needs_signal = any(o.needs_signal for o in observables) or (init is not None and init.needs_signal)
    if needs_signal and isinstance(problem, AbstractFactorization):
        problem = problem.with_signal()
    return Experiment(problem, dynamics, observables, rules)


def _check_starts(init: AbstractInitial, problem: AbstractProblem, replicates: int) -> None:
    """Raise `InputError` if there are fewer starts than replicates."""
    given = init.replicates(problem)
    if given is not None and given < replicates:
        raise InputError(
            f"The start is given for {given} replicates, but {replicates} are asked for; ask for at most {given}."
        )
