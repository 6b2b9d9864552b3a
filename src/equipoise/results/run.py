"""The result of a simulation, and reading and writing it."""

import contextlib
import dataclasses
import itertools
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.files import whole_file
from equipoise.core.status import Status
from equipoise.simulation.ensemble import Ensemble

_THETA, _STATE = "final_theta_", "final_state_"


@dataclasses.dataclass(frozen=True)
class Run:
    """A recorded ensemble; `simulate(…, resume=run)` continues it.

    - `dataset`: xarray Dataset with dims (replicate, step); settings, seed, engine and versions are its attributes.
    - `theta`: the final factors, each with the replicates along the leading axis.
    - `status`: how each replicate ended; `str(run.status[0])` is a sentence.
    - `state`: the final state of the method, such as a momentum: arrays by their path in the state, with the replicates
      along the leading axis; empty for a method without state.
    """

    dataset: xr.Dataset
    theta: tuple[np.ndarray, ...]
    status: tuple[Status, ...]
    state: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    @staticmethod
    def of(ensemble: Ensemble, dataset: xr.Dataset) -> "Run":
        """The run of an ensemble; `dataset` holds its recordings."""
        return Run(dataset, ensemble.theta, ensemble.status, ensemble.state)

    def save(self, path: str | Path) -> Path:
        """Write everything to a netCDF file, whole or not at all; `load` reads it back exactly. Returns the path.

        Raises `InputError` if the folder is not writable or full.
        """
        arrays: dict[str, tuple[np.ndarray, dict[str, str]]] = {
            f"{_THETA}{i}": (w, {}) for i, w in enumerate(self.theta)
        }
        arrays |= {f"{_STATE}{i}": (w, {"path": name}) for i, (name, w) in enumerate(self.state.items())}
        added = {
            name: (("replicate", *(f"{name}_axis_{k}" for k in range(w.ndim - 1))), w, attributes)
            for name, (w, attributes) in arrays.items()
        }
        return save_dataset(self.dataset.assign(added), path)


def load(path: str | Path) -> Run:
    """Read a run that `Run.save` wrote. Raises `InputError` if the file is missing or is not a saved run."""
    dataset = load_dataset(path)
    factors, states = _numbered(dataset, _THETA), _numbered(dataset, _STATE)
    endings = [str(name) for name in np.ravel(dataset["status"].values)] if "status" in dataset else []
    if not factors or not endings or not set(endings) <= set(Status.__members__):
        raise InputError(f"{path} is a netCDF file, but not a saved run; use a file written by Run.save.")
    theta = tuple(dataset[name].values for name in factors)
    state = {str(dataset[name].attrs["path"]): dataset[name].values for name in states}
    return Run(dataset.drop_vars([*factors, *states]), theta, tuple(Status[name] for name in endings), state)


def _numbered(dataset: xr.Dataset, prefix: str) -> list[str]:
    """The variables prefix0, prefix1, … in order."""
    return list(itertools.takewhile(lambda name: name in dataset, (f"{prefix}{i}" for i in itertools.count())))


def save_dataset(dataset: xr.Dataset, path: str | Path) -> Path:
    """Write a Dataset as netCDF, compressed without loss, whole or not at all; return the path.

    Raises `InputError` if the folder is not writable or full.
    """
    path = Path(path)
    numbers = [name for name, v in dataset.data_vars.items() if v.dtype.kind == "f" and v.size > 1000]
    encoding = {name: {"zlib": True, "complevel": 4} for name in numbers}
    with _without_locks_of_a_cluster():
        content = dataset.to_netcdf(engine="h5netcdf", encoding=encoding)  # in memory: on a full disk HDF5 would crash
    with whole_file(path) as temporary:
        temporary.write_bytes(content)
    return path


def _without_locks_of_a_cluster() -> contextlib.AbstractContextManager[Any]:
    """On a worker of Dask, xarray would lock this file in memory by its name, for the whole cluster."""
    dask = sys.modules.get("dask")
    return dask.config.set(scheduler="synchronous") if dask else contextlib.nullcontext()


def load_dataset(path: str | Path) -> xr.Dataset:
    """Read a netCDF file into memory. Raises `InputError` if it is missing or cannot be read as netCDF."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no file {path}; check the path.")
    try:
        with h5py.File(path):  # otherwise h5netcdf complains on stderr about a file that it cannot open
            pass
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            return opened.load()
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise InputError(f"{path} cannot be read as netCDF ({error}); use a file written by Equipoise.") from error
