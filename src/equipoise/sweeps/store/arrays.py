"""The arrays of a store, in Zarr: made when the first block comes, and grown when there is more."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.status import Status
from equipoise.results.dataset import REJECTED, REJECTED_MEANING
from equipoise.sweeps.blocks import Block
from equipoise.sweeps.points import Value
from equipoise.sweeps.store.manifest import Manifest
from equipoise.sweeps.store.places import BESIDE
from equipoise.sweeps.work import Earlier, Result

if TYPE_CHECKING:
    import zarr

STATUS, END_STEP, FORM = "status", "end_step", "form"
PATHS = ("point", "replicate")
RECORDED = (*PATHS, "step")
"""The first dims of what a replicate has, and of what is recorded of it."""

ENDS = "ends"
"""The group of final θ and states; it has a group for each form, which is a combination of their shapes."""

MEANINGS = ("to_do", *Status.__members__, "failed")
"""What the numbers in the array `status` mean."""

_FLAGS = {"flag_values": list(range(len(MEANINGS))), "flag_meanings": " ".join(MEANINGS)}
_THETA, _STATE = "theta_", "state_"


def open_group(folder: Path, *, make: bool = False) -> "zarr.Group":
    """The Zarr group of a store; raises `InputError` without the package zarr."""
    try:
        import zarr
    except ImportError as error:
        raise InputError(
            "Sweeps are stored by the package zarr, which is not installed; run: pip install 'equipoise[sweeps]'."
        ) from error
    if make:
        group = zarr.open_group(folder, mode="a", zarr_format=3, use_consolidated=False)
        group.require_group(BESIDE)
        return group
    return zarr.open_group(folder, mode="r", use_consolidated=False)


def count_of(dim: str) -> str:
    """The name of the array that says how many entries each point has along a dim."""
    return f"{dim}_count"


def column(values: Sequence[Value]) -> np.ndarray:
    """The values of an axis as an array of whole numbers, numbers, truth values, or else of text."""
    kinds = {type(value) for value in values}
    if kinds == {bool} or kinds <= {int, float}:
        return np.array(values)
    return np.array([str(value) for value in values], dtype=object)


class Arrays:
    """The arrays of a store with a manifest; they grow to its size when something is written."""

    def __init__(self, group: "zarr.Group", manifest: Manifest, looks: Sequence[int]) -> None:
        self._group, self._manifest, self._looks = group, manifest, np.asarray(looks)
        self._known: dict[str, Any] = {}

    def write_coordinates(self) -> None:
        """Write the points, the numbers of the replicates and the recorded steps."""
        manifest = self._manifest
        for axis in manifest.axes:
            values = column([row.point[axis] for row in manifest.rows])
            self._replace(axis, values, "point", axis_attributes(axis, values, manifest))
        self._replace("replicate", np.arange(manifest.replicates), "replicate", {"long_name": "replicate"})
        self._replace("step", self._looks, "step", {"long_name": "step", "units": "steps"})

    def write(self, block: Block, result: Result) -> None:
        """Write the arrays of a block."""
        place = (slice(*block.rows), slice(*block.replicates))
        if result.values:
            self._write_values(block, result)
            self._write_ends(place, result)
        ended = np.asarray(result.status) + 1
        ended[list(result.failed)] = MEANINGS.index("failed")
        about = {"long_name": "how the replicate ended", **_FLAGS}
        self._put(STATUS, place, ended.astype("int8"), PATHS, about)
        about = {"long_name": "steps taken", "units": "steps"}
        self._put(END_STEP, place, np.asarray(result.end_step, "int64"), PATHS, about)
        if result.rejected is not None:
            self._put(REJECTED, place, np.asarray(result.rejected, "int64"), PATHS, {"long_name": REJECTED_MEANING})

    def _write_values(self, block: Block, result: Result) -> None:
        """Write the recordings after the steps that are stored already, and how many entries further dims have."""
        rows = slice(*block.rows)
        looks = slice(int(np.searchsorted(self._looks, block.done, side="right")), len(self._looks))
        # a run whose replicates all end early is recorded no further; they keep their last values
        taken = np.searchsorted(result.steps, self._looks[looks], side="right") - 1
        for name, values in result.values.items():
            further, about = result.about[name]
            kind = "complex128" if np.iscomplexobj(values) else "float64"
            place = (rows, slice(*block.replicates), looks)
            self._put(name, place, values[:, :, taken].astype(kind), (*RECORDED, *further), about)
            for dim, size in zip(further, values.shape[3:], strict=True):
                about = {"long_name": f"number of entries along {dim}"}
                self._put(count_of(dim), (rows,), np.full(values.shape[0], size, "int64"), ("point",), about)

    def _write_ends(self, place: tuple[slice, slice], result: Result) -> None:
        """Write the final θ and state of a block."""
        ends: list[tuple[str, np.ndarray, dict[str, str]]] = []
        ends += [(f"{_THETA}{k}", w, {}) for k, w in enumerate(result.theta)]
        ends += [(f"{_STATE}{k}", w, {"path": path}) for k, (path, w) in enumerate(result.state.items())]
        form = _form(ends)
        for name, array, about in ends:
            further = tuple(f"{name}_axis_{k}" for k in range(array.ndim - 2))
            self._put(f"{ENDS}/{form}/{name}", place, array, (*PATHS, *further), about)
        about = {"long_name": "group of the final θ and state"}
        self._put(FORM, place[:1], np.full(result.status.shape[0], form, object), ("point",), about)

    def earlier(self, block: Block) -> tuple[Earlier, ...]:
        """Where the points of a block stand."""
        group, place = self._group, (slice(*block.rows), slice(*block.replicates))
        look = int(np.searchsorted(self._looks, block.done))
        arrays = dict(group.arrays())
        recorded = {name: a for name, a in arrays.items() if dims_of(a)[:3] == RECORDED}
        values = {name: np.asarray(a[(*place, slice(look, look + 1))]) for name, a in recorded.items()}
        counts = {dim: a[place[0]] for dim in _further(recorded) if (a := arrays[count_of(dim)]) is not None}
        (form,) = set(np.asarray(arrays[FORM][place[0]]).tolist())
        of_form: Any = group[f"{ENDS}/{form}"]
        kept = {name: (np.asarray(a[place]), a.attrs.get("path", "")) for name, a in of_form.arrays()}
        theta = [kept[f"{_THETA}{k}"][0] for k in range(sum(name.startswith(_THETA) for name in kept))]
        states = {str(path): a for name, (a, path) in kept.items() if name.startswith(_STATE)}
        status, end_step = (np.asarray(arrays[name][place]).astype(int) for name in (STATUS, END_STEP))
        return tuple(
            Earlier(
                {name: _cut(v[i], dims_of(recorded[name])[3:], counts, i) for name, v in values.items()},
                tuple(w[i] for w in theta),
                {path: a[i] for path, a in states.items()},
                status[i] - 1,
                end_step[i],
            )
            for i in range(block.rows[1] - block.rows[0])
        )

    def _replace(self, name: str, values: np.ndarray, dim: str, about: dict[str, Any]) -> None:
        """Write a coordinate anew if it has changed."""
        if name in self._group:
            array: Any = self._group[name]
            stored = np.asarray(array[:])
            if stored.shape == values.shape and stored.dtype.kind == values.dtype.kind and (stored == values).all():
                return
            del self._group[name]
        self._known.pop(name, None)
        self._put(name, (slice(0, values.size),), values, (dim,), about)

    def _put(
        self, path: str, place: tuple[slice, ...], values: np.ndarray, dims: tuple[str, ...], about: dict[str, Any]
    ) -> None:
        """Write values at a place of an array, which is made or grown if need be; further dims begin at 0."""
        array = self._array(path, values, dims, about)
        array[(*place, *(slice(0, size) for size in values.shape[len(place) :]))] = values

    def _array(self, path: str, values: np.ndarray, dims: tuple[str, ...], about: dict[str, Any]) -> Any:
        manifest = self._manifest
        sizes = {"point": len(manifest.rows), "replicate": manifest.replicates, "step": len(self._looks)}
        shape = tuple(sizes.get(dim, size) for dim, size in zip(dims, values.shape, strict=True))
        array = self._known.get(path)
        if array is None and path in self._group:
            array = self._group[path]
        if array is None:
            chunk = {"point": manifest.size.points, "replicate": manifest.size.replicates}
            text = values.dtype == object
            array = self._group.create_array(
                path,
                shape=shape,
                chunks=tuple(max(1, min(chunk.get(dim, size), size)) for dim, size in zip(dims, shape, strict=True)),
                dtype=str if text else values.dtype,
                fill_value="" if text else values.dtype.type(np.nan if values.dtype.kind in "fc" else 0),
                dimension_names=dims,
                attributes=about,
            )
        grown = tuple(map(max, array.shape, shape))
        if grown != array.shape:
            array.resize(grown)
        self._known[path] = array
        return array


def axis_attributes(axis: str, values: np.ndarray, manifest: Manifest) -> dict[str, str]:
    """The attributes of the coordinate of an axis."""
    unit = {} if values.dtype.kind in "OUb" else {"units": manifest.units.get(axis, "1")}
    return {"long_name": axis.replace("_", " "), **unit}


def dims_of(array: Any) -> tuple[str, ...]:
    """The names of the dims of an array."""
    return tuple(array.metadata.dimension_names or ())


def _further(recorded: dict[str, Any]) -> set[str]:
    return {dim for array in recorded.values() for dim in dims_of(array)[3:]}


def _cut(values: np.ndarray, dims: tuple[str, ...], counts: dict[str, Any], i: int) -> np.ndarray:
    """The values of a point without what only pads them."""
    return values[(slice(None), slice(None), *(slice(0, int(counts[dim][i])) for dim in dims))]


def _form(ends: list[tuple[str, np.ndarray, dict[str, str]]]) -> str:
    """A name for the shapes and types of the final θ and state."""
    said = [(name, array.shape[2:], str(array.dtype), about) for name, array, about in ends]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]
