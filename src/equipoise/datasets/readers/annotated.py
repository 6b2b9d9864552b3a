"""AnnData files, .h5ad, by anndata: X or a layer, with the names of observations and variables as labels."""

import importlib
from typing import Any

import h5py
import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, listing
from equipoise.datasets.labelled import LabelledMatrix
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.hdf5 import checked_values, datasets_in
from equipoise.datasets.tables.ids import ids_of
from equipoise.datasets.user_file import OpenFile


def read_h5ad(file: OpenFile, options: ReadOptions) -> LabelledMatrix:
    """Return X, or the layer asked for, of observations × variables; nothing else of the file is read."""
    with h5py.File(file.stream, "r") as stored:
        layers = stored.get("layers", {})
        if options.layer is None or options.layer == "X":
            place = "X"
        elif options.layer in layers:
            place = f"layers/{options.layer}"
        else:
            found = listing([excerpt(each) for each in ("X", *layers)])
            raise InputError(f"{file.name} has no layer {excerpt(options.layer)}; pass one of them as layer=: {found}.")
        if place not in stored:
            raise InputError(f"{file.name} has no matrix X; pass one of its layers as layer=: {listing(list(layers))}.")
        matrix = _element(stored[place], file.name)
        said = (f"{place} of an AnnData file",)
        return LabelledMatrix(matrix, _names(stored, "obs"), _names(stored, "var"), said)


def _element(element: Any, name: str) -> Any:
    """The matrix at a place, dense or sparse, after a check that its parts are stored in the file."""
    if isinstance(element, h5py.Dataset):
        return checked_values(element, name)
    for part in datasets_in(element).values():
        checked_values(part, name, 1)
    return importlib.import_module("anndata.io").read_elem(element)


def _names(stored: Any, axis: str) -> np.ndarray | None:
    """The index of observations or variables."""
    if axis not in stored:
        return None
    index = stored[axis].attrs.get("_index", "_index")
    if index not in stored[axis]:
        return None
    names = importlib.import_module("anndata.io").read_elem(stored[axis][index])
    return ids_of([str(each) for each in np.asarray(names).tolist()])
