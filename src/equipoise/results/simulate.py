"""The front door of the laboratory."""

from collections.abc import Sequence

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.results.dataset import as_dataset
from equipoise.results.run import Run
from equipoise.simulation import XLA, AbstractEngine, Experiment, Plan, Record, StopWhen, run_ensemble

_LARGEST_SEED = 2**63 - 1


def simulate(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    init: AbstractInitial,
    *,
    seed: int,
    steps: int,
    replicates: int = 1,
    record: Record | None = None,
    stop: StopWhen | Sequence[StopWhen] = (),
    chunk: int | None = None,
    first_step: int = 0,
    progress: bool | None = None,
    engine: AbstractEngine | None = None,
) -> Run:
    """Run an ensemble of a gradient method and record it.

    Replicate i depends on (seed, i) alone: more replicates, another `chunk` (how many run at once, by default all
    of them), or another recording give the same paths, up to rounding. A run is taken up again by
    `init=Given(run.theta)` and `first_step=` the step it ended at. `progress` shows a bar on stderr, by default only on
    a terminal. Ctrl-C returns what is recorded until then.

    Returns a `Run`: `dataset` (xarray, dims replicate and step), `theta` (final factors, leading axis replicate),
    `status` (one `Status` for each replicate). A replicate that blows up ends as `Status.diverged`; its `theta` is the
    last that could be computed with, its recordings from then on are NaN, and the others run on. Raises `InputError`
    for numbers out of range and for parts that do not fit together.
    """
    record = record or Record()
    rules = (stop,) if isinstance(stop, StopWhen) else tuple(stop)
    plan = Plan(
        whole_number("seed", seed, 0, _LARGEST_SEED),
        whole_number("replicates", replicates, 1),
        whole_number("first_step", first_step, 0),
        whole_number("steps", steps, 0),
        record.every,
        None if chunk is None else whole_number("chunk", chunk, 1),
        progress,
    )
    _check_starts(init, problem, plan.replicates)
    observables = record.chosen(problem)
    needs_signal = init.needs_signal or any(o.needs_signal for o in observables)
    if needs_signal and isinstance(problem, AbstractFactorization):
        problem = problem.with_signal()
    experiment = Experiment(problem, dynamics, observables, rules)
    with numerics():
        ensemble = run_ensemble(engine or XLA(), experiment, init, plan)
    return Run(as_dataset(ensemble, experiment, init, plan), ensemble.theta, ensemble.status)


def _check_starts(init: AbstractInitial, problem: AbstractProblem, replicates: int) -> None:
    """`InputError` if fewer starts are given than replicates are asked for."""
    given = init.replicates(problem)
    if given is not None and given < replicates:
        raise InputError(f"The start is given for {given} replicates, but {replicates} are asked for; ask for {given}.")
