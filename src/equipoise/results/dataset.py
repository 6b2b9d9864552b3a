"""An ensemble as an xarray Dataset: dims, units, and all that is needed to run it again."""

import datetime
import json
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from equipoise.core.describe import describe
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.observable import Observable, Variable
from equipoise.core.precision import numerics
from equipoise.core.schedules import Clock
from equipoise.core.status import Status
from equipoise.machine import versions
from equipoise.results.recipe import recipe_of
from equipoise.simulation import Record
from equipoise.simulation.begin import rejected_starts
from equipoise.simulation.ensemble import Ensemble
from equipoise.simulation.setup import Setup

REJECTED, REJECTED_MEANING = "rejected_starts", "rejected draws of the start"
"""The name of the variable that counts rejected draws of a start, and its description."""


def as_dataset(
    ensemble: Ensemble,
    seed: int,
    engine: str,
    settings: dict[str, Any],
    dynamics: AbstractDynamics,
    rejected: np.ndarray | None = None,
) -> xr.Dataset:
    """An ensemble as a Dataset: a variable (replicate, step, …) for each recorded variable, settings as attributes.

    Each replicate has its seed as a coordinate, and each step its time if the method has a time.

    - `rejected`: how many draws of its start were rejected for each replicate; None for starts without a condition.
    """
    variables: dict[str, Any] = {
        name: (("replicate", "step", *variable.axes), ensemble.values[name], labels(variable))
        for name, variable in ensemble.variables.items()
    }
    names = np.array([status.name for status in ensemble.status], dtype=object)
    variables["status"] = (("replicate",), names, {"long_name": "how the replicate ended"})
    variables["end_step"] = (("replicate",), ensemble.end_step, {"long_name": "steps taken", "units": "steps"})
    if rejected is not None:
        variables[REJECTED] = (("replicate",), rejected, {"long_name": REJECTED_MEANING})
    coordinates = {
        "replicate": ("replicate", ensemble.numbers, {"long_name": "replicate"}),
        "step": ("step", ensemble.steps, {"long_name": "step", "units": "steps"}),
        "seed": ("replicate", np.full(ensemble.numbers.size, seed), {"long_name": "seed"}),
    }
    times = times_of(dynamics.clock(), ensemble.steps)
    if times is not None:
        coordinates["time"] = ("step", times, {"long_name": "time of the flow", "units": "[η]"})
    attributes = {  # strings and numbers only, which netCDF stores exactly
        "title": "equipoise run",
        "seed": str(seed),
        "engine": engine,
        "settings": json.dumps(settings, ensure_ascii=False),
        "versions": json.dumps(versions()),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": float(ensemble.seconds),
    }
    return xr.Dataset(variables, coordinates, attributes)


def dataset_of(ensemble: Ensemble, setup: Setup) -> xr.Dataset:
    """The Dataset of the ensemble that a setup gave."""
    rejected = rejected_starts(setup.experiment.problem, setup.init, setup.plan.seed, ensemble.numbers)
    settings, dynamics = settings_of(setup), setup.given.dynamics
    found = as_dataset(ensemble, setup.plan.seed, setup.engine.name, settings, dynamics, rejected)
    return found.assign_attrs(recipe=recipe_of(setup.given))


_MOST_TIMES = 10_000_000


def times_of(clock: Clock, steps: np.ndarray) -> np.ndarray | None:
    """The time before each of `steps`: the sum over the steps before it; None without a time, or for too many steps."""
    if clock is None:
        return None
    if not callable(clock):
        return np.asarray(steps * float(clock))
    if steps[-1] > _MOST_TIMES:
        return None
    with numerics():
        each = np.asarray(jax.vmap(lambda step: jnp.asarray(clock(step), float))(jnp.arange(max(int(steps[-1]), 1))))
    return np.asarray(np.concatenate([[0.0], np.cumsum(each)])[steps])


def labels(variable: Variable) -> dict[str, str]:
    """The description of a variable as the attributes that plots and other programs read."""
    return {"long_name": variable.meaning, "formula": variable.formula, "units": variable.unit}


def settings_of(setup: Setup) -> dict[str, Any]:
    """The settings of a run as plain data, as the user gave them."""
    experiment, schedule = setup.experiment, setup.plan.schedule
    return {
        "problem": describe(setup.given.problem),
        "dynamics": describe(setup.given.dynamics),
        "init": describe(setup.given.init),
        "stop": describe(experiment.stop),
        "replicates": setup.replicates if setup.numbers is None else list(setup.numbers),
        "first_step": schedule.first_step,
        "steps": schedule.last_step - schedule.first_step,
        "record": recording_settings(schedule.record, experiment.observables),
    }


def recording_settings(record: Record, observables: Sequence[Observable]) -> dict[str, Any]:
    """The settings of the recording as plain data: when, and which observables."""
    recorded = [{"name": o.name, "function": describe(o.function)} for o in observables]
    return {"every": record.every, "at": list(record.at), "growth": record.growth, "observables": recorded}


def as_ensemble(dataset: xr.Dataset, theta: tuple[np.ndarray, ...], state: dict[str, np.ndarray]) -> Ensemble:
    """The ensemble from which a dataset was made."""
    recorded = {str(name): v for name, v in dataset.data_vars.items() if v.dims[:2] == ("replicate", "step")}
    variables = {name: _variable(name, v) for name, v in recorded.items()}
    return Ensemble(
        steps=dataset["step"].values,
        values={name: v.values for name, v in recorded.items()},
        variables=variables,
        theta=theta,
        state=state,
        status=tuple(Status[str(name)] for name in dataset["status"].values),
        end_step=dataset["end_step"].values,
        numbers=dataset["replicate"].values,
        seconds=float(dataset.attrs["seconds"]),
    )


def _variable(name: str, array: xr.DataArray) -> Variable:
    """The description of a variable, from its attributes."""
    meaning, formula, unit = (str(array.attrs.get(key, "")) for key in ("long_name", "formula", "units"))
    return Variable(name, meaning, formula, unit, tuple(str(dim) for dim in array.dims[2:]))
