"""A look at a replicate: its observables, and whether a stop rule is met."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool

from equipoise.core.errors import InputError
from equipoise.core.observable import Observable
from equipoise.core.stream import step_key
from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment, experiment_of
from equipoise.simulation.ending import RUNNING, after_look, has_diverged
from equipoise.simulation.replicates import of_each


class Recording(NamedTuple):
    """Recorded values by name for each observable, and which replicates are still running."""

    values: tuple[dict[str, Array], ...]
    running: Bool[Array, "..."]


def look_at_all(experiment: Experiment, batch: Batch, step: StepIndex) -> tuple[Batch, Recording]:
    """A look at every replicate after `step` steps; stop rules may end some of them."""
    return of_each(lambda at: _look(experiment, at, step), batch)


def _look(experiment: Experiment, at: Batch, step: StepIndex) -> tuple[Batch, Recording]:
    """A look at one replicate; its values are NaN if it has diverged, as its status says."""
    experiment = experiment_of(experiment, at)
    values = tuple(_seen(experiment, observable, at, step) for observable in experiment.observables)
    by_name = flat(values)
    met = jnp.asarray(False)
    for rule in experiment.stop:
        met = met | rule.met(by_name)
    lost = has_diverged(at)
    shown = tuple({name: jnp.where(lost, jnp.nan, v) for name, v in part.items()} for part in values)
    ended = after_look(at, met, step)
    return ended, Recording(shown, ended.status == RUNNING)


def _seen(experiment: Experiment, observable: Observable, at: Batch, step: StepIndex) -> dict[str, Array]:
    """The variables of one observable, which gets the arguments that it asks for besides θ."""
    problem, dynamics = experiment.problem, experiment.dynamics
    along: dict[str, Any] = {"step": step, "state": at.state}
    if "noise" in observable.asks:
        noise = dynamics.perturbation(problem, step_key(at.noise_key, step), step)
        if noise is None:
            raise InputError(
                f"The observable {observable.name} asks for the noise, but {type(dynamics).__name__} has none; "
                "record it with a method such as PerturbedGD."
            )
        along["noise"] = noise
    given = {name: along[name] for name in observable.asks}
    return {name: jnp.asarray(value) for name, value in observable(problem, at.theta, **given).items()}


def flat(values: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """All variables by name; raises `InputError` if two observables have a variable of the same name."""
    merged: dict[str, Any] = {}
    for part in values:
        for name, value in part.items():
            if name in merged:
                raise InputError(f"The variable {name} is recorded twice; keep one of its observables.")
            merged[name] = value
    return merged
