"""Continuing a run: each replicate goes on from its θ and the state of its method; one dataset holds both parts."""

import functools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from equipoise.core.checks import whole_number
from equipoise.core.describe import describe
from equipoise.core.differences import differences
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.observables import BY_NAME
from equipoise.results.dataset import REJECTED, as_dataset, as_ensemble, recording_settings
from equipoise.results.run import Run
from equipoise.simulation import AbstractEngine, Experiment, Record
from equipoise.simulation.begin import take_up
from equipoise.simulation.ending import codes
from equipoise.simulation.engines import AUTO, Law, is_law
from equipoise.simulation.ensemble import Ensemble, Group, run_ensemble
from equipoise.simulation.memory import fitted
from equipoise.simulation.plan import Plan, Schedule
from equipoise.simulation.setup import Rules, make_plan, prepared


def continued(
    run: Run,
    problem: AbstractProblem,
    dynamics: AbstractDynamics,
    *,
    steps: int,
    record: Record | None,
    stop: Rules,
    chunk: int | None,
    progress: bool | None,
    engine: str | AbstractEngine,
) -> Run:
    """`run` after `steps` more steps, as one run; the arguments are those of `simulate`.

    Raises `InputError` if the problem, the method or the recorded observables differ from those of the run, and for a
    run that was not recorded by `simulate`.
    """
    settings = _settings(run)
    _check_same("problem", describe(problem), settings)
    _check_same("dynamics", describe(dynamics), settings)
    before = as_ensemble(run.dataset, run.theta, dict(run.state))
    record = recorded_before(settings) if record is None else record
    experiment, chosen, _ = prepared(_engine_for(run, engine), problem, dynamics, record, stop)
    last = int(before.steps[-1]) + whole_number("steps", steps, 0)
    first = int(settings["first_step"])
    schedule = Schedule(first, last, record, tuple(before.steps.tolist()))
    seed = int(run.dataset.attrs["seed"])
    plan = fitted(make_plan(seed, schedule, chunk, progress), experiment, before.numbers.size)
    recording = recording_settings(record, experiment.observables)
    if recording["observables"] != settings["record"]["observables"]:
        names = ", ".join(o["name"] for o in settings["record"]["observables"])
        raise InputError(f"The run recorded {names}; record the same when you continue it, or leave record out.")
    ensemble = run_ensemble(chosen, experiment, list(_groups(experiment, before, plan)), plan, before)
    resumed_at = [*settings.get("resumed_at", []), int(before.steps[-1])]
    new = {"stop": describe(experiment.stop), "record": recording, "steps": last - first, "resumed_at": resumed_at}
    ensemble = ensemble._replace(seconds=ensemble.seconds + before.seconds)
    rejected = run.dataset[REJECTED].values if REJECTED in run.dataset else None
    dataset = as_dataset(ensemble, seed, chosen.name, {**settings, **new}, dynamics, rejected)
    kept = {"recipe": run.dataset.attrs["recipe"]} if "recipe" in run.dataset.attrs else {}
    return Run.of(ensemble, dataset.assign_attrs(kept))


def _engine_for(run: Run, engine: str | AbstractEngine) -> str | AbstractEngine:
    """The engine to go on with; one that is exact in law has coordinates of its own, so no other can take its place."""
    law, made_by = Law().name, str(run.dataset.attrs.get("engine"))
    if is_law(made_by) and engine == AUTO:
        return law
    if is_law(made_by) != is_law(engine):
        raise InputError(
            f"The run was made by the engine {made_by}, and the coordinates of the {law} engine are others; continue "
            "it by the engine that made it."
        )
    return engine


def _settings(run: Run) -> dict[str, Any]:
    """The settings of the run; raises `InputError` for a run that was not recorded by `simulate`."""
    known = {"seed", "settings", "seconds"} <= set(run.dataset.attrs) and {"status", "end_step"} <= set(run.dataset)
    if not known or not {"replicate", "step"} <= set(run.dataset.dims):
        raise InputError(
            "The run to continue was not recorded by simulate, or was changed since; pass an unchanged run as resume=."
        )
    if not str(run.dataset.attrs["seed"]).isdigit():
        raise InputError("The run to continue holds several seeds; continue that of each seed, then concatenate them.")
    settings: dict[str, Any] = json.loads(run.dataset.attrs["settings"])
    return settings


def _check_same(name: str, given: Any, settings: dict[str, Any]) -> None:
    """Raise `InputError` unless the problem, or the method, is that of the run."""
    if given == settings[name]:
        return
    word = {"problem": "problem", "dynamics": "method"}[name]
    where = ", ".join(differences(given, settings[name])[:3])
    raise InputError(f"The run was made with another {word}: {where}; continue it with the same {word}.")


def recorded_before(settings: dict[str, Any]) -> Record:
    """The recording of the run; raises `InputError` for an observable that the package does not know by name."""
    recorded = settings["record"]
    for observable in recorded["observables"]:
        known = BY_NAME.get(observable["name"])
        if known is None or describe(known.function) != observable["function"]:
            raise InputError(
                f"The run recorded {observable['name']}, which is not known by name; give record= as in the first call."
            )
    names = [observable["name"] for observable in recorded["observables"]]
    return Record(recorded["every"], names, at=recorded["at"], growth=recorded["growth"])


def _groups(experiment: Experiment, before: Ensemble, plan: Plan) -> Iterator[Group]:
    """Groups of replicates at the same step, of the size that the plan asks for.

    A replicate that has ended can be at any step; it joins the group at the last step.
    """
    last = int(before.steps[-1])
    runs = np.array([status.name in ("completed", "interrupted") for status in before.status])
    stands = np.where(runs, before.end_step, last)
    status, end_step = codes(before.status, before.end_step)
    for step in np.unique(stands).tolist():
        members = np.flatnonzero(stands == step)
        size = plan.chunk or members.size
        for start in range(0, members.size, size):
            rows = members[start : start + size]
            theta = tuple(w[rows] for w in before.theta)
            state = {name: leaf[rows] for name, leaf in before.state.items()}
            numbers, ended = before.numbers[rows], (status[rows], end_step[rows])
            stand = functools.partial(take_up, experiment, plan.seed, numbers, theta, state, ended)
            yield Group(numbers, step, stand, seen_there=True)
