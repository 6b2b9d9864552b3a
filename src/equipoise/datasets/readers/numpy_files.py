"""NumPy files, .npy and .npz; nothing is ever unpickled."""

import io
import math
import warnings
import zipfile
from typing import Any

import numpy as np
import scipy.sparse

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, listing
from equipoise.core.user_matrix import check_layout
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.user_file import OpenFile

# Versions 2 and 3 of the header differ only in the encoding of field names, and records are refused.
_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
    (3, 0): np.lib.format.read_array_header_2_0,
}
_INDEX_ARRAYS = ("indices", "indptr", "offsets", "row", "col", "coords")


def read_npy(file: OpenFile, options: ReadOptions) -> np.ndarray:
    """Return the matrix of a .npy file in its own dtype; raise `InputError` if its header is wrong."""
    del options  # none of them applies to this format
    stream, name = file.stream, file.name
    size = stream.seek(0, 2)
    stream.seek(0)
    if stream.read(len(np.lib.format.MAGIC_PREFIX)) != np.lib.format.MAGIC_PREFIX:
        raise InputError(f"{name} does not begin like a .npy file; write it with numpy.save, or correct its extension.")
    stream.seek(0)
    return _read_array(stream, size, name)


def read_npz(file: OpenFile, options: ReadOptions) -> Any:
    """Return a matrix of a .npz archive: the one named `key`, the only one, or the sparse one.

    Archives written by `scipy.sparse.save_npz` give the sparse matrix in its saved format.
    """
    stream, name, key = file.stream, file.name, options.key
    if not zipfile.is_zipfile(stream):
        raise InputError(f"{name} is not a complete .npz archive; write it again with numpy.savez or correct its name.")
    with zipfile.ZipFile(stream) as archive:
        members = {
            info.filename.removesuffix(".npy"): info for info in archive.infolist() if info.filename.endswith(".npy")
        }
        if key is None and {"format", "shape", "data"} <= members.keys():
            return _read_sparse(archive, members, stream, name)
        chosen = _only_matrix(archive, members, name) if key is None else key
        if chosen not in members:
            found = listing([excerpt(member) for member in members]) or "nothing"
            raise InputError(f"{name} has no array {excerpt(chosen)}; pass one of its arrays as key=: {found}.")
        with archive.open(members[chosen]) as member:
            return _read_array(member, members[chosen].file_size, f"Array {excerpt(chosen)} of {name}")


def _read_array(stream: Any, size: int, name: str) -> np.ndarray:
    """Return the array of a .npy stream of `size` bytes, after a check of its header."""
    shape, dtype = _read_header(stream, name)
    check_layout(shape, dtype, name)
    needed, there = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if there != needed:
        raise InputError(
            f"{name} holds {there} bytes of numbers, but its header announces {needed}; "
            "it was cut short or changed, so save it again."
        )
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)


def _read_header(stream: Any, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Return (shape, dtype) from the header of a .npy stream, a Python literal that can be broken in many ways."""
    try:
        shape, _, dtype = _HEADER_READERS[np.lib.format.read_magic(stream)](stream)
    except Exception as error:
        raise InputError(f"{name} is damaged; save it again with NumPy.") from error
    return shape, dtype


def _only_matrix(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str) -> str:
    """Return the name of the only two-dimensional array, found by reading the headers alone."""
    shapes = {}
    for member, info in members.items():
        with archive.open(info) as stream:
            shapes[member], _ = _read_header(stream, f"Array {excerpt(member)} of {name}")
    matrices = [member for member, shape in shapes.items() if len(shape) == 2]
    if len(matrices) == 1:
        return matrices[0]
    if matrices:
        found = listing([f"{excerpt(member)} {shapes[member]}" for member in matrices])
        raise InputError(f"{name} holds {len(matrices)} matrices; pass the name of one as key=: {found}.")
    found = listing([f"{excerpt(member)} {shape}" for member, shape in shapes.items()]) or "nothing"
    raise InputError(f"{name} holds no two-dimensional array but {found}; save a matrix with numpy.savez.")


def _read_sparse(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], stream: io.BufferedIOBase, name: str
) -> Any:
    """Return the sparse matrix written by scipy.sparse.save_npz, after a check that its index arrays hold integers."""
    for member in _INDEX_ARRAYS:
        if member in members:
            with archive.open(members[member]) as part:
                _, dtype = _read_header(part, f"Array {excerpt(member)} of {name}")
            if dtype.kind not in "iu":
                raise InputError(f"{name} has sparse indices {member!r} that are not integers; save it again.")
    stream.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # for some broken archives scipy only warns
        return scipy.sparse.load_npz(stream)
