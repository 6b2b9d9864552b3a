"""Zarr stores, .zarr, which are folders, by zarr."""

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.core.user_matrix import check_layout
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.chosen import chosen_array
from equipoise.datasets.user_file import OpenFile

_METADATA = ("zarr.json", ".zarray", ".zmetadata")
_MOST_PACKED, _SMALL = 2000, 1 << 20


def read_zarr(file: OpenFile, options: ReadOptions) -> Any:
    """Return the matrix of a store: the array at the path `key`, or the only matrix.

    Raises `InputError` for a store that names the codec pickle, before anything is decoded.
    """
    assert file.path is not None
    _check_codecs(file.path, file.name)
    zarr = importlib.import_module("zarr")
    opened = zarr.open(str(file.path), mode="r")
    if isinstance(opened, zarr.Array):
        return _values(opened, file.path, file.name)
    arrays = {path: item for path, item in opened.members(max_depth=8) if isinstance(item, zarr.Array)}
    numbers = {path: item.shape for path, item in arrays.items() if item.dtype.kind in "biuf"}
    chosen = chosen_array(numbers, options.key, file.name, list(arrays))
    return _values(arrays[chosen], file.path / chosen, f"{excerpt(chosen)} of {file.name}")


def _values(array: Any, folder: Path, name: str) -> np.ndarray:
    check_layout(array.shape, np.dtype(array.dtype), name)
    needed = math.prod(array.shape) * np.dtype(array.dtype).itemsize
    there = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    if needed > _MOST_PACKED * there + _SMALL:
        raise InputError(
            f"{name} announces {needed:,} bytes of numbers, but only {there:,} are stored; write it again."
        )
    return np.asarray(array[...])


def _check_codecs(folder: Path, name: str) -> None:
    for each in folder.rglob("*"):
        if each.name in _METADATA and b"pickle" in each.read_bytes().lower():
            raise InputError(f"{name} is encoded by pickle, which is never loaded; write it again with numbers only.")
