"""An ensemble as an xarray Dataset: dims, units, and everything needed to run it again."""

import datetime
import json
from typing import Any

import numpy as np
import xarray as xr

from equipoise.core.describe import describe
from equipoise.core.initial import AbstractInitial
from equipoise.results.provenance import versions
from equipoise.simulation import Ensemble, Experiment, Plan


def as_dataset(ensemble: Ensemble, experiment: Experiment, init: AbstractInitial, plan: Plan) -> xr.Dataset:
    """Dims (replicate, step), one variable for each recorded array, settings, seed and versions in the attributes."""
    known = {v.name: v for o in experiment.observables for v in o.variables}
    variables: dict[str, Any] = {}
    for name, array in ensemble.values.items():
        variable = known.get(name)
        named = variable.axes if variable and len(variable.axes) == array.ndim - 2 else ()
        axes = named or tuple(f"{name}_axis_{i}" for i in range(array.ndim - 2))
        attributes = (
            {"long_name": variable.meaning, "formula": variable.formula, "units": variable.unit} if variable else {}
        )
        variables[name] = (("replicate", "step", *axes), array, attributes)
    variables["status"] = (
        ("replicate",),
        np.array([status.name for status in ensemble.status], dtype=object),
        {"long_name": "how the replicate ended"},
    )
    variables["end_step"] = (
        ("replicate",),
        ensemble.end_step,
        {"long_name": "steps taken", "units": "steps"},
    )
    coordinates = {
        "replicate": ("replicate", np.arange(plan.replicates), {"long_name": "replicate"}),
        "step": ("step", ensemble.steps, {"long_name": "step", "units": "steps"}),
    }
    return xr.Dataset(variables, coordinates, _attributes(ensemble, experiment, init, plan))


def _attributes(ensemble: Ensemble, experiment: Experiment, init: AbstractInitial, plan: Plan) -> dict[str, Any]:
    """Strings and numbers only, so that netCDF holds them exactly."""
    settings = {
        "problem": describe(experiment.problem),
        "dynamics": describe(experiment.dynamics),
        "init": describe(init),
        "stop": describe(experiment.stop),
        "replicates": plan.replicates,
        "first_step": plan.first_step,
        "steps": plan.steps,
        "every": plan.every,
    }
    return {
        "title": "equipoise run",
        "seed": str(plan.seed),
        "settings": json.dumps(settings, ensure_ascii=False),
        "versions": json.dumps(versions()),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": float(ensemble.seconds),
    }
