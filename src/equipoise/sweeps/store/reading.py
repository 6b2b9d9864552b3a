"""A store as a dataset."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.sweeps.points import Point, Value, point_key
from equipoise.sweeps.store import manifest as manifests
from equipoise.sweeps.store.arrays import (
    END_STEP,
    FORM,
    MEANINGS,
    PATHS,
    RECORDED,
    STATUS,
    axis_attributes,
    column,
    count_of,
    dims_of,
    open_group,
)
from equipoise.sweeps.store.journal import Journal, State
from equipoise.sweeps.store.manifest import Manifest

LEFT_OUT = "left_out"
"""The status of the points of a grid that were not asked for."""


def load(store: str | Path) -> xr.Dataset:
    """The dataset of all that a store holds, in memory.

    Its dims are the axes of a grid, or `point` for another design; then `replicate`, `step` and those of the variables.
    `status` says for each point and replicate how it ended ("completed", "stopped", "diverged"), or "failed", "to_do",
    or "left_out" for a point of the grid that was not asked for; `error` says why a point failed. A variable is NaN
    only where the status is another than "completed" or "stopped", or where a point has fewer entries along a dim than
    others; `<dim>_count` says how many it has.

    Raises `InputError` if there is no store.
    """
    folder = Path(store)
    if not manifests.exists(folder):
        raise InputError(f"There is no store of a sweep in {shown_path(folder)}; check the path.")
    manifest = manifests.read(folder)
    values = manifest.values if manifest.is_grid else None
    return read(folder, manifest, range(len(manifest.rows)), manifest.replicates, values)


def read(
    folder: Path, manifest: Manifest, rows: Sequence[int], replicates: int, values: dict[str, list[Value]] | None
) -> xr.Dataset:
    """The dataset of some rows of a store, and of the first replicates.

    `values` are those of the axes of a grid, whose axes become dims; None for a list of points.
    """
    journal = Journal(folder).state(len(manifest.rows), manifest.replicates)
    picked, count = np.asarray(rows, int), slice(0, replicates)
    reached = journal.reached[picked, count]
    flat = _flat(folder, manifest, picked, count, reached >= 0)
    names = _names(flat.pop(STATUS).values, reached >= manifest.steps, journal.failed[picked, count] >= 0)
    flat[STATUS] = xr.Variable(PATHS, names, {"long_name": "how the replicate ended"})
    errors = np.array([_error(journal, row) for row in rows], dtype=object)
    flat["error"] = xr.Variable("point", errors, {"long_name": "why the point failed"})
    points = [manifest.rows[row].point for row in picked]
    dataset = _listed(flat, points, manifest) if values is None else _gridded(flat, points, values, manifest)
    return dataset.assign_attrs(_attributes(manifest, journal))


def _flat(
    folder: Path, manifest: Manifest, rows: np.ndarray, count: slice, stored: np.ndarray
) -> dict[str, xr.Variable]:
    """The arrays by name, each with the dim `point` first; NaN or 0 for what is not stored."""
    group = open_group(folder)
    step: Any = group["step"] if "step" in group else np.empty(0, int)
    looks = np.asarray(step[:])
    found = {"step": xr.Variable("step", looks, {"long_name": "step", "units": "steps"})}
    shape = (len(manifest.rows), manifest.replicates)
    found[STATUS] = xr.Variable(PATHS, np.zeros(stored.shape, int))
    found[END_STEP] = xr.Variable(PATHS, np.zeros(stored.shape, int), {"long_name": "steps taken", "units": "steps"})
    for name, array in sorted(group.arrays()):
        dims = dims_of(array)
        if dims[:1] != ("point",) or name in (*manifest.axes, FORM):
            continue
        sizes = {"point": shape[0], "replicate": shape[1], "step": looks.size}
        whole = _whole(array, tuple(sizes.get(d, n) for d, n in zip(dims, array.shape, strict=True)))[rows]
        if dims[:2] == PATHS:
            whole = whole[:, count]
            whole[~stored] = np.nan if dims[:3] == RECORDED else 0
        about = {key: value for key, value in array.attrs.items() if not key.startswith("flag_")}
        found[name] = xr.Variable(dims, whole, about)
    return found


def _whole(array: Any, shape: tuple[int, ...]) -> np.ndarray:
    """An array at the size of the manifest, which it grows to only when something new is written."""
    values = np.asarray(array[:])
    if values.shape == shape:
        return values
    whole = np.full(shape, np.nan if values.dtype.kind in "fc" else 0, values.dtype)
    whole[tuple(slice(0, size) for size in values.shape)] = values
    return whole


def _names(codes: np.ndarray, stored: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """The statuses by name."""
    names = np.array(MEANINGS, dtype=object)[codes]
    names[~stored] = MEANINGS[0]
    names[failed] = MEANINGS[-1]
    return names


def _error(journal: State, row: int) -> str:
    """Why a row failed; empty if it did not."""
    failed = journal.failed[row]
    return journal.sentences[int(failed.max())] if (failed >= 0).any() else ""


def _listed(flat: dict[str, xr.Variable], points: list[Point], manifest: Manifest) -> xr.Dataset:
    coordinates: dict[str, Any] = {}
    for axis in manifest.axes:
        values = column([point[axis] for point in points])
        coordinates[axis] = ("point", values, axis_attributes(axis, values, manifest))
    return _dataset(flat, coordinates)


def _gridded(
    flat: dict[str, xr.Variable], points: list[Point], values: dict[str, list[Value]], manifest: Manifest
) -> xr.Dataset:
    """The arrays with a dim for each axis in place of `point`; points that are not there are left out."""
    sizes = tuple(len(values[axis]) for axis in manifest.axes)
    places = {axis: {point_key({axis: value}): i for i, value in enumerate(values[axis])} for axis in manifest.axes}
    at = [tuple(places[axis][point_key({axis: point[axis]})] for axis in manifest.axes) for point in points]
    index = np.ravel_multi_index(tuple(np.array(at, int).reshape(len(points), -1).T), sizes) if sizes else [0]
    gridded = {name: _spread(v, np.asarray(index), manifest.axes, sizes) for name, v in flat.items()}
    coordinates: dict[str, Any] = {}
    for axis in manifest.axes:
        each = column(values[axis])
        coordinates[axis] = (axis, each, axis_attributes(axis, each, manifest))
    return _dataset(gridded, coordinates)


def _spread(variable: xr.Variable, index: np.ndarray, axes: tuple[str, ...], sizes: tuple[int, ...]) -> xr.Variable:
    if variable.dims[:1] != ("point",):
        return variable
    values = variable.values
    missing: Any = np.nan if values.dtype.kind in "fc" else 0
    if values.dtype == object:
        missing = LEFT_OUT if variable.dims == PATHS else ""
    whole = np.full((int(np.prod(sizes)), *values.shape[1:]), missing, values.dtype)
    whole[index] = values
    return xr.Variable((*axes, *variable.dims[1:]), whole.reshape(*sizes, *values.shape[1:]), variable.attrs)


def _dataset(variables: dict[str, xr.Variable], coordinates: dict[str, Any]) -> xr.Dataset:
    counts = {count_of(str(dim)) for v in variables.values() for dim in v.dims} & set(variables)
    beside = {name: v for name, v in variables.items() if name == "step" or name in counts}
    replicates = next(v.sizes["replicate"] for v in variables.values() if "replicate" in v.dims)
    beside["replicate"] = xr.Variable("replicate", np.arange(replicates), {"long_name": "replicate"})
    order = [name for name in variables if name not in beside]
    return xr.Dataset({name: variables[name] for name in order}, {**coordinates, **beside})


def _attributes(manifest: Manifest, journal: State) -> dict[str, Any]:
    """What the dataset says of its making; strings and numbers only, which netCDF stores exactly."""
    return {
        "title": "equipoise sweep",
        "seed": str(manifest.settings["seed"]),
        "engine": ", ".join(sorted(journal.engines)),
        "steps": manifest.steps,
        "settings": json.dumps(manifest.settings, ensure_ascii=False),
        "versions": json.dumps(manifest.versions),
        "seconds": float(sum(journal.seconds)),
    }
