"""Records of laws as an xarray Dataset."""

import datetime
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from equipoise.adapters.history import QUANTILES
from equipoise.adapters.laws.history import LawHistory
from equipoise.results import versions

_VARIABLES = {
    "squared_norms": (("parameter",), "squared norm of a parameter", "‖w‖²"),
    "law_sums": (("law",), "a law's value, summed over channels", "Σᵢ cᵢ"),
    "law_drift": (("law",), "largest drift of a channel", "maxᵢ |Δcᵢ|"),
    "law_drift_quantiles": (("law", "quantile"), "drift of channels", "|Δcᵢ|"),
    "law_values": (("channel",), "a law's value in a channel", "cᵢ"),
    "matrix_differences": (("matrix_law",), "size of a matrix law's value", "‖D‖_F"),
    "matrix_drift": (("matrix_law",), "drift of a matrix law's value", "‖ΔD‖_F"),
}


def laws_as_dataset(history: LawHistory, settings: Mapping[str, Any], libraries: Mapping[str, str]) -> xr.Dataset:
    """The records with dims (step, parameter), (step, law) and so on; settings and versions are attributes."""
    values = history.records.summaries()
    laws = history.laws.laws if history.laws else ()
    shapes = history.samples.shapes
    formulas = [law.formula(shapes) for law in laws]
    narrow = [k for k, law in enumerate(laws) if law.width <= history.limits.neurons]
    coordinates: dict[str, Any] = {
        "step": ("step", np.array(history.steps), {"long_name": "step", "units": "steps"}),
        "parameter": ("parameter", np.array(list(shapes), dtype=object), {"long_name": "parameter"}),
        "law": ("law", np.array(formulas, dtype=object), {"long_name": "conservation law"}),
        "quantile": ("quantile", np.array(QUANTILES), {"long_name": "quantile over channels"}),
        "width": ("law", np.array([law.width for law in laws], dtype=int), {"long_name": "channels"}),
        "residual": ("law", np.array([law.residual for law in laws], dtype=float), {"long_name": "residual"}),
        "approximate": ("law", np.array([law.is_approximate for law in laws], dtype=bool)),
        "law_of_channel": (
            "channel",
            np.array([formulas[k] for k in narrow for _ in range(laws[k].width)], dtype=object),
            {"long_name": "law of the channel"},
        ),
    }
    matrix_laws = [formulas[k] for k in history.matrix_laws]
    if matrix_laws:
        coordinates["matrix_law"] = (
            "matrix_law",
            np.array(matrix_laws, dtype=object),
            {"long_name": "law of whole matrices"},
        )
    variables = {
        name: (("step", *axes), values[name], {"long_name": meaning, "formula": formula, "units": "1"})
        for name, (axes, meaning, formula) in _VARIABLES.items()
        if matrix_laws or "matrix_law" not in axes
    }
    attributes = {
        "title": "equipoise balance monitor",
        "status": history.laws.status if history.laws else "The laws are not known yet.",
        "settings": json.dumps({**settings, **history.limits._asdict()}, ensure_ascii=False),
        "versions": json.dumps({**versions(), **libraries}),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    return xr.Dataset(variables, coordinates, attributes)
