"""HDF5 files, by h5py. Objects, links to other files and arrays larger than what is stored of them are refused."""

import math
from typing import Any

import h5py
import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.core.user_matrix import check_layout
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.chosen import chosen_array
from equipoise.datasets.user_file import OpenFile

HDF5_OPENING = b"\x89HDF\r\n\x1a\n"
"""The first bytes of an HDF5 file."""

# gzip packs zeros at most about 1000 to 1; what announces more than that and a little was never stored
_MOST_PACKED, _SMALL = 2000, 1 << 20


def read_hdf5(file: OpenFile, options: ReadOptions) -> Any:
    """Return the matrix of an HDF5 file: the data set at the path `key`, or the only matrix."""
    with h5py.File(file.stream, "r") as stored:
        found = datasets_in(stored)
        chosen = chosen_array({each: item.shape for each, item in found.items()}, options.key, file.name, list(stored))
        return checked_values(found[chosen], file.name)


def datasets_in(group: Any, prefix: str = "", depth: int = 16) -> dict[str, Any]:
    """Return all data sets of numbers in a group and its groups, by path; links out of the file are not followed."""
    found: dict[str, Any] = {}
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        item = group[name]
        if isinstance(item, h5py.Group) and depth:
            found |= datasets_in(item, f"{prefix}{name}/", depth - 1)
        elif isinstance(item, h5py.Dataset) and item.shape is not None and item.dtype.kind in "biuf":
            found[prefix + name] = item
    return found


def checked_values(dataset: Any, name: str, dimensions: int = 2) -> np.ndarray:
    """Return the numbers of a data set, after a check of its type, its shape and the place where it is stored."""
    which = f"{excerpt(dataset.name)} of {name}"
    if dimensions == 2:
        check_layout(dataset.shape, dataset.dtype, which)
    elif dataset.ndim != dimensions or dataset.dtype.kind not in "biuf":
        raise InputError(f"{which} is not a list of numbers; save the file again.")
    if dataset.external or dataset.is_virtual:
        raise InputError(f"{which} is stored in other files, which are not read; copy it into one file.")
    needed = math.prod(dataset.shape) * dataset.dtype.itemsize
    there = dataset.id.get_storage_size()
    if needed > _MOST_PACKED * there + _SMALL:
        raise InputError(
            f"{which} announces {needed:,} bytes of numbers, but only {there:,} are stored; write the file again."
        )
    return dataset[()]
