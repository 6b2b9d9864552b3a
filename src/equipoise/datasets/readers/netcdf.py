"""netCDF files, by xarray: a variable of two dimensions, with its coordinates as labels."""

import importlib
import io
from typing import Any

import h5py
import numpy as np

from equipoise.datasets.labelled import LabelledMatrix
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.chosen import chosen_array
from equipoise.datasets.readers.hdf5 import HDF5_OPENING, checked_values, datasets_in
from equipoise.datasets.tables.ids import texts_of
from equipoise.datasets.user_file import OpenFile


def read_netcdf(file: OpenFile, options: ReadOptions) -> LabelledMatrix:
    """Return the variable named `key`, or the only one that is a matrix."""
    xarray = importlib.import_module("xarray")
    content = file.stream.read()
    is_hdf5 = content.startswith(HDF5_OPENING)
    with xarray.open_dataset(
        io.BytesIO(content), engine="h5netcdf" if is_hdf5 else "scipy", decode_timedelta=False
    ) as opened:
        shapes = {
            str(name): variable.shape for name, variable in opened.data_vars.items() if variable.dtype.kind in "biuf"
        }
        chosen = chosen_array(shapes, options.key, file.name, [str(name) for name in opened.variables])
        if is_hdf5:
            _check_stored(content, chosen, file.name)
        variable = opened[chosen].load()
        labels = [_labels(variable, dimension) for dimension in variable.dims]
        return LabelledMatrix(variable.values, *(labels if len(labels) == 2 else ()))


def _check_stored(content: bytes, variable: str, name: str) -> None:
    with h5py.File(io.BytesIO(content), "r") as stored:
        dataset = datasets_in(stored).get(variable)
        if dataset is not None:
            checked_values(dataset, name)


def _labels(variable: Any, dimension: Any) -> np.ndarray | None:
    """The coordinates along a dimension: whole numbers, or text."""
    if dimension not in variable.coords:
        return None
    values = variable.coords[dimension].values
    if values.dtype.kind in "iu" and (values <= np.iinfo(np.int64).max).all():
        return values.astype(np.int64)
    return texts_of([str(value) for value in (values if values.dtype.kind == "M" else values.tolist())])
