"""From what a user hands over to what is run: checks, the known optimum where it is needed, and the engine."""

from collections.abc import Sequence

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.simulation.batch import Experiment
from equipoise.simulation.record import Record
from equipoise.simulation.stop import StopWhen

LARGEST_SEED = 2**63 - 1

Rules = StopWhen | Sequence[StopWhen]
"""One stop rule, or several, of which the first that is met ends a replicate."""


def make_experiment(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    record: Record,
    stop: Rules = (),
    init: AbstractInitial | None = None,
) -> Experiment:
    """The experiment, its problem with the optimum attached where a start or an observable asks for it."""
    rules = (stop,) if isinstance(stop, StopWhen) else tuple(stop)
    observables = record.chosen(problem)
    needs_signal = any(o.needs_signal for o in observables) or (init is not None and init.needs_signal)
    if needs_signal and isinstance(problem, AbstractFactorization):
        problem = problem.with_signal()
    return Experiment(problem, dynamics, observables, rules)


def check_starts(init: AbstractInitial, problem: AbstractProblem, replicates: int) -> None:
    """`InputError` if fewer starts are given than replicates are asked for."""
    given = init.replicates(problem)
    if given is not None and given < replicates:
        raise InputError(f"The start is given for {given} replicates, but {replicates} are asked for; ask for {given}.")
