"""Records as an xarray Dataset, labeled like the runs of the package."""

import datetime
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from equipoise.adapters.history import QUANTILES, History
from equipoise.core.observable import Variable
from equipoise.observables import (
    matrix_differences,
    neuron_differences,
    norm_differences,
    norm_ratios,
    squared_norms,
)
from equipoise.results import versions

VARIABLES = (
    *squared_norms.variables,
    *norm_ratios.variables,
    *norm_differences().variables,
    *neuron_differences().variables,
    *matrix_differences.variables,
    Variable("neuron_drift", "largest drift of a neuron", "maxᵢ |Δcᵢ|", "1", ("pair",)),
    Variable("neuron_drift_quantiles", "drift of neurons", "|Δcᵢ|", "1", ("pair", "quantile")),
    Variable("matrix_drift", "drift of the matrix difference", "‖ΔD‖_F", "1", ("linear_pair",)),
)
"""The variables of a monitor's dataset, with dims (step, …): observables by their names, and drifts since the start."""


def as_dataset(history: History, settings: Mapping[str, Any], libraries: Mapping[str, str]) -> xr.Dataset:
    """The records with dims (step, layer), (step, pair) and so on; settings and versions are attributes.

    Without a linear pair there are no variables of matrices; without a narrow one, none of neurons.
    """
    plan, values = history.plan, history.records.summaries()
    names = [pair.name for pair in plan.pairs]
    absent = {"linear_pair": not plan.linear, "neuron": not plan.narrow}
    variables = {
        v.name: (("step", *v.axes), values[v.name], {"long_name": v.meaning, "formula": v.formula, "units": v.unit})
        for v in VARIABLES
        if not any(absent.get(axis) for axis in v.axes)
    }
    coordinates: dict[str, Any] = {
        "step": ("step", np.array(history.steps), {"long_name": "step", "units": "steps"}),
        "layer": ("layer", _texts(plan.layers), {"long_name": "layer"}),
        "pair": ("pair", _texts(names), {"long_name": "pair of layers"}),
        "quantile": ("quantile", np.array(QUANTILES), {"long_name": "quantile over neurons"}),
        "neurons": ("pair", np.array([link.neurons for link in plan.links]), {"long_name": "neurons between"}),
    }
    if plan.linear:
        linear = _texts(names[k] for k in plan.linear)
        coordinates["linear_pair"] = ("linear_pair", linear, {"long_name": "linear pair of layers"})
    if plan.narrow:
        owners = _texts(names[k] for k in plan.narrow for _ in range(plan.links[k].neurons))
        coordinates["pair_of_neuron"] = ("neuron", owners, {"long_name": "pair that the neuron lies in"})
    attributes = {
        "title": "equipoise balance monitor",
        "settings": json.dumps({**settings, "pairs": names, **plan.limits._asdict()}, ensure_ascii=False),
        "versions": json.dumps({**versions(), **libraries}),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    return xr.Dataset(variables, coordinates, attributes)


def without_pairs(dataset: xr.Dataset, names: Collection[str]) -> xr.Dataset:
    """The dataset without some pairs, and without their neurons."""
    if not names:
        return dataset
    for axis, owners in (("pair", "pair"), ("linear_pair", "linear_pair"), ("neuron", "pair_of_neuron")):
        if axis in dataset.dims:
            dataset = dataset.isel({axis: [name not in names for name in dataset[owners].values]})
    return dataset


def _texts(words: Iterable[str]) -> np.ndarray:
    return np.array(list(words), dtype=object)
