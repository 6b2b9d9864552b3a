"""What a cell of a grid shows: one number for the replicates of a point, and whether any of them diverged."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.status import Status
from equipoise.plots.groups import variable_of
from equipoise.plots.labels import axis_label

DIVERGED = "share diverged"

Statistic = str | Callable[[np.ndarray], float]
"""One of "median", "mean" and "share diverged", or a function of the finite values of a point, shape (k,), k ≥ 1."""

_FUNCTIONS: dict[str, Callable[[np.ndarray], float]] = {
    "median": lambda values: float(np.median(values)),
    "mean": lambda values: float(np.mean(values)),
}


class Points(NamedTuple):
    """The points of a grid, each as an array with the dims that were kept."""

    values: xr.DataArray
    """The statistic; NaN where there is no finite value."""
    diverged: xr.DataArray
    """The share of the replicates that diverged, from 0 to 1; NaN where no replicate was run."""


def points(data: xr.Dataset | xr.DataArray, variable: str | None, statistic: Statistic, keep: list[str]) -> Points:
    """The statistic over replicates at the last step, for each point of the dims `keep`.

    Replicates that are not finite are left out. Raises `InputError` for an unknown variable, statistic or dim, and for
    further dims.
    """
    chosen = _function(statistic)
    lost = _share_diverged(data, keep)
    if statistic == DIVERGED:
        named = {"long_name": "share of replicates that diverged", "units": "1"}
        return Points(lost.rename("share_diverged").assign_attrs(named), lost)
    array = _at_the_end(variable_of(data, variable), keep)
    values = xr.apply_ufunc(
        lambda given: _over_replicates(given, chosen), array, input_core_dims=[["replicate"]], keep_attrs=True
    )
    return Points(values.transpose(*keep), lost.broadcast_like(values).transpose(*keep))


def statistic_label(array: xr.DataArray, statistic: Statistic, replicates: int) -> str:
    """The label of the statistic of a variable: "median balance, ‖X‖/‖Y‖"; without "median" for a single replicate."""
    name = statistic if isinstance(statistic, str) else getattr(statistic, "__name__", "").replace("_", " ")
    plain = replicates == 1 or name in (DIVERGED, "", "<lambda>")
    return axis_label(array) if plain else f"{name} {axis_label(array)}"


def _function(statistic: Statistic) -> Callable[[np.ndarray], float]:
    if callable(statistic):
        return statistic
    if statistic not in (*_FUNCTIONS, DIVERGED):
        known = ", ".join(repr(name) for name in (*_FUNCTIONS, DIVERGED))
        raise InputError(f"There is no statistic {statistic!r}; use {known}, or a function of an array of values.")
    return _FUNCTIONS.get(statistic, _FUNCTIONS["mean"])


def _at_the_end(array: xr.DataArray, keep: list[str]) -> xr.DataArray:
    """The array at its last step with dims (…, replicate)."""
    last = array.isel(step=-1) if "step" in array.dims and "step" not in keep else array
    for name in keep:
        if name not in last.dims:
            raise InputError(f"{last.name} has no dim {name}; it has {', '.join(map(str, last.dims))}.")
    other = [str(name) for name in last.dims if name not in (*keep, "replicate")]
    if other:
        raise InputError(
            f"{last.name} also has the dim {other[0]}; select one of its values, or draw one grid for each."
        )
    return last if "replicate" in last.dims else last.expand_dims("replicate")


def _over_replicates(given: np.ndarray, statistic: Callable[[np.ndarray], float]) -> np.ndarray:
    """The statistic over the last axis of an array (…, replicate), NaN where no replicate is finite."""
    rows = np.asarray(given, float).reshape(-1, given.shape[-1])
    finite = [row[np.isfinite(row)] for row in rows]
    found = [float(statistic(row)) if row.size else np.nan for row in finite]
    return np.array(found).reshape(given.shape[:-1])


def _share_diverged(data: xr.Dataset | xr.DataArray, keep: list[str]) -> xr.DataArray:
    """By the statuses of a dataset, which are empty or missing where nothing was run; 0 for what has none."""
    if isinstance(data, xr.DataArray) or "status" not in data:
        missing = [name for name in keep if name not in data.dims]
        if missing:
            raise InputError(f"The data have no dim {missing[0]}; they have {', '.join(map(str, data.dims))}.")
        sizes = {name: data.sizes[name] for name in keep}
        coordinates = {name: data[name] for name in keep if name in data.coords}
        return xr.DataArray(np.zeros(tuple(sizes.values())), coordinates, keep)
    status = _at_the_end(data["status"], keep)
    names = np.asarray(status.values).astype(str)
    known = np.isin(names, [each.name for each in Status])
    lost = np.where(known, names == Status.diverged.name, np.nan)
    return status.copy(data=lost).mean("replicate").transpose(*keep)
