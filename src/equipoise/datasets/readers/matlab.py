"""MATLAB files: versions 4 to 7.2 by SciPy, version 7.3, which is HDF5, by h5py."""

import io
from typing import Any

import h5py
import numpy as np
import scipy.io
import scipy.sparse

from equipoise.core.errors import InputError
from equipoise.core.user_matrix import check_layout
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.chosen import chosen_array
from equipoise.datasets.readers.hdf5 import HDF5_OPENING, checked_values, datasets_in
from equipoise.datasets.user_file import OpenFile

_NUMBERS = frozenset(
    ["double", "single", "logical", "sparse", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
)


def read_mat(file: OpenFile, options: ReadOptions) -> Any:
    """Return the matrix of a MATLAB file: the one named `key`, or the only one.

    Only arrays of numbers are read; objects, functions, cells and structures are passed over unread.
    """
    content = file.stream.read()
    # a file of version 7.3 has 512 bytes of MATLAB's own before its HDF5
    if content.startswith(HDF5_OPENING) or content[512:520] == HDF5_OPENING:
        return _read_hdf5(content, options.key, file.name)
    found = scipy.io.whosmat(io.BytesIO(content))
    numbers = {name: shape for name, shape, kind in found if kind in _NUMBERS}
    chosen = chosen_array(numbers, options.key, file.name, [f"{name}: {kind}" for name, _, kind in found])
    read = scipy.io.loadmat(io.BytesIO(content), variable_names=[chosen])[chosen]
    if not scipy.sparse.issparse(read) and read.dtype.hasobject:
        raise InputError(f"{chosen!r} of {file.name} holds objects, which are never loaded; save an array of numbers.")
    return read


def _read_hdf5(content: bytes, key: str | None, name: str) -> Any:
    with h5py.File(io.BytesIO(content), "r") as stored:
        sparse = {
            group: _sparse_shape(item)
            for group, item in stored.items()
            if isinstance(item, h5py.Group) and "MATLAB_sparse" in item.attrs and {"data", "ir", "jc"} <= item.keys()
        }
        dense = {
            each: item.shape[::-1]
            for each, item in datasets_in(stored).items()
            if each.split("/")[0] not in sparse and not each.startswith("#") and _is_numbers(item)
        }
        chosen = chosen_array({**dense, **sparse}, key, name, list(stored))
        if chosen not in sparse:
            return checked_values(stored[chosen], name).T
        group = stored[chosen]
        data, rows, starts = (checked_values(group[part], name, 1) for part in ("data", "ir", "jc"))
        check_layout(sparse[chosen], data.dtype, name)
        return scipy.sparse.csc_array((data, rows.astype(np.int64), starts.astype(np.int64)), shape=sparse[chosen])


def _sparse_shape(group: Any) -> tuple[int, int]:
    return int(group.attrs["MATLAB_sparse"]), int(group["jc"].shape[0]) - 1


def _is_numbers(item: Any) -> bool:
    kind = item.attrs.get("MATLAB_class", b"double")
    return (kind.decode() if isinstance(kind, bytes) else str(kind)) in _NUMBERS
