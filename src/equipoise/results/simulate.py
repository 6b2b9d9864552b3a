"""The function that runs and records an ensemble."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.results.dataset import dataset_of
from equipoise.results.resume import continued
from equipoise.results.run import Run
from equipoise.simulation import AbstractEngine, Record
from equipoise.simulation.ensemble import run_ensemble
from equipoise.simulation.memory import fitted
from equipoise.simulation.setup import Replicates, Rules, replicate_numbers, set_up


def simulate(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    init: AbstractInitial | None = None,
    *,
    steps: int,
    seed: int | None = None,
    replicates: Replicates | None = None,
    record: Record | None = None,
    stop: Rules = (),
    resume: Run | None = None,
    chunk: int | None = None,
    first_step: int = 0,
    progress: bool | None = None,
    engine: str | AbstractEngine = "auto",
) -> Run:
    """Run an ensemble of a gradient method and record it, or continue a run.

    Replicate i depends on (seed, i) alone: with more replicates, or another chunk, recording or engine, its path stays
    the same up to rounding.

    - `problem`: the problem to descend on, such as `eq.problems.factorization(M, rank=1)`.
    - `dynamics`: the method, such as `eq.dynamics.GradientDescent(1e-2)`.
    - `init`: the law of the starts, such as `eq.initial.Gaussian(1e-2)`; needed unless a run is continued.
    - `steps`: the number of steps to take.
    - `seed`: a whole number that determines all random numbers; needed unless a run is continued.
    - `replicates`: the number of replicates, 1 by default; or their numbers, as in `range(3, 6)`, which are those of a
      full run.
    - `record`: which observables to record, and when; by default every 100 steps the loss and, for two factors, the
      balance.
    - `stop`: one `StopWhen` or several; the first one that is met ends a replicate. None by default.
    - `resume`: a run to continue, in place of `init`, `seed` and `replicates`. Its method goes on from its last state,
      and the new dataset holds both parts. Replicates that an interruption left behind catch up; those that have
      diverged or met a stop rule stay as they are. `record` is that of the run by default.
    - `chunk`: the number of replicates to run at once; by default as many as fit into the free memory.
    - `first_step`: the number of the first step, for schedules and noise; 0 by default. The method starts afresh.
    - `progress`: whether to show a progress bar on stderr; by default only on a terminal.
    - `engine`: "auto" (the default), the name of an engine (see `eq.simulation.ENGINES`), or an engine of your own.

    Returns a `Run` with `dataset` (xarray, dims replicate and step), `theta` (the final factors, leading axis
    replicate), `state` (that of the method) and `status` (one `Status` for each replicate). A replicate whose numbers
    become too large ends as `Status.diverged`: `theta` keeps its last usable value, its recorded values are NaN from
    then on, and the other replicates run on. Ctrl-C returns what has been recorded so far. Raises `InputError` for
    numbers out of range and for parts that do not fit together.
    """
    if resume is not None:
        _only_the_runs_own(resume, init, seed, replicates, first_step)
        return continued(
            resume,
            problem,
            dynamics,
            steps=steps,
            record=record,
            stop=stop,
            chunk=chunk,
            progress=progress,
            engine=engine,
        )
    if init is None or seed is None:
        missing = "init is missing; give a start" if init is None else "seed is missing; give a whole number"
        raise InputError(f"{missing}, or pass a run to continue as resume=.")
    setup = set_up(
        problem,
        dynamics,
        init,
        seed=seed,
        steps=steps,
        replicates=1 if replicates is None else replicates,
        record=record,
        stop=stop,
        engine=engine,
        first_step=first_step,
        chunk=chunk,
        progress=progress,
    )
    setup = setup._replace(plan=fitted(setup.plan, setup.experiment, setup.replicates))
    ensemble = run_ensemble(setup.engine, setup.experiment, list(setup.groups()), setup.plan)
    return Run.of(ensemble, dataset_of(ensemble, setup))


def _only_the_runs_own(
    run: Run, init: AbstractInitial | None, seed: int | None, replicates: Replicates | None, first_step: int
) -> None:
    """Raise `InputError` for arguments that a continued run brings itself."""
    own = {
        "init": init is not None,
        "seed": seed is not None and str(seed) != str(run.dataset.attrs.get("seed")),
        "replicates": replicates is not None and not _are_of(run, replicates),
        "first_step": first_step != 0,
    }
    for name, given in own.items():
        if given:
            raise InputError(f"{name} is taken from the run that is continued; leave it out, or leave out resume.")


def _are_of(run: Run, replicates: Replicates) -> bool:
    """Whether these are the replicates of the run."""
    numbers = replicate_numbers(replicates)
    if numbers is None:
        return replicates == len(run.status)
    return numbers == tuple(run.dataset["replicate"].values.tolist())
