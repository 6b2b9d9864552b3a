"""The front door of the laboratory."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.results.dataset import as_dataset, settings_of
from equipoise.results.resume import continued
from equipoise.results.run import Run
from equipoise.simulation import AbstractEngine, Record
from equipoise.simulation.ensemble import run_ensemble
from equipoise.simulation.setup import Rules, set_up


def simulate(
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    init: AbstractInitial | None = None,
    *,
    steps: int,
    seed: int | None = None,
    replicates: int | None = None,
    record: Record | None = None,
    stop: Rules = (),
    resume: Run | None = None,
    chunk: int | None = None,
    first_step: int = 0,
    progress: bool | None = None,
    engine: str | AbstractEngine = "auto",
) -> Run:
    """Run an ensemble of a gradient method and record it, or continue a run.

    Replicate i depends on (seed, i) alone: more replicates, another chunk, recording or engine give the same paths, up
    to rounding.

    - `problem`: what is descended on, such as `eq.problems.factorization(M, rank=1)`.
    - `dynamics`: the method, such as `eq.dynamics.GradientDescent(1e-2)`.
    - `init`: the law of the starts, such as `eq.initial.Gaussian(1e-2)`.
    - `steps`: how many steps to take.
    - `seed`: a whole number, from which everything random follows.
    - `replicates`: how many independent runs to make; 1 by default.
    - `record`: which observables to record, and when; by default the loss and the balance every 100 steps.
    - `stop`: a `StopWhen`, or several, of which the first that is met ends a replicate.
    - `resume`: a run to continue, in place of `init`, `seed` and `replicates`, which are its own. Its method goes on in
      the state it was left in, and the dataset returned holds both parts. Replicates that an interruption left behind
      catch up; those that have diverged or met a stop rule stay as they are. `record` is the run's own by default.
    - `chunk`: how many replicates to run at once; all of them by default.
    - `first_step`: the number of the first step, for schedules and for the noise; 0 by default. The method starts anew.
    - `progress`: whether to show a bar on stderr; by default on a terminal only.
    - `engine`: "auto", the name of an engine (see `eq.simulation.ENGINES`), or an engine of your own.

    Returns a `Run`: `dataset` (xarray, dims replicate and step), `theta` (final factors, leading axis replicate),
    `state` (that of the method) and `status` (one `Status` for each replicate). A replicate that blows up ends as
    `Status.diverged`: its `theta` is the last that could be computed with, its recordings from then on are NaN, and the
    others run on. Ctrl-C returns what is recorded until then. Raises `InputError` for numbers out of range and for
    parts that do not fit together.
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
        raise InputError(f"{missing}, or resume= a run to continue.")
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
    ensemble = run_ensemble(setup.engine, setup.experiment, list(setup.groups()), setup.plan)
    dataset = as_dataset(ensemble, setup.plan.seed, setup.engine.name, settings_of(setup, problem))
    return Run.of(ensemble, dataset)


def _only_the_runs_own(
    run: Run, init: AbstractInitial | None, seed: int | None, replicates: int | None, first_step: int
) -> None:
    """`InputError` for what a run that is continued brings itself."""
    own = {
        "init": init is not None,
        "seed": seed is not None and str(seed) != str(run.dataset.attrs.get("seed")),
        "replicates": replicates is not None and replicates != len(run.status),
        "first_step": first_step != 0,
    }
    for name, given in own.items():
        if given:
            raise InputError(f"{name} is the run's own where a run is continued; leave it out, or leave out resume.")
