"""The front door for files: find the reader by the extension, and turn every failure into one sentence."""

import functools
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.core.user_matrix import Matrix, check_missing, finite_matrix
from equipoise.datasets.matrix_market import read_matrix_market
from equipoise.datasets.numpy_files import read_npy, read_npz
from equipoise.datasets.opening import check_file, known_extension, one_sentence, unpacked
from equipoise.datasets.text_files import read_text

EXTENSIONS = (".npy", ".npz", ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".mtx", ".mtx.gz")


def read_matrix(
    path: str | os.PathLike[str],
    *,
    key: str | None = None,
    header: bool | None = None,
    missing: Literal["error", "allowed"] = "error",
) -> Matrix:
    """Return the matrix in a file: a float64 array (rows, columns), or a csr_array where the file is sparse.

    The extension, in small letters or capitals, says what the file is: .npy; .npz, dense or written by
    `scipy.sparse.save_npz`; .csv, .tsv; Matrix Market .mtx; the text formats also with .gz.
    `key` names the array to take from a .npz archive that holds several matrices. `header` says whether the
    first line of a .csv or .tsv names the columns; None finds out: it does if one of its cells is text.
    `missing="allowed"` lets NaN stand for entries that are not known, and in .csv and .tsv also empty cells,
    NA and its kin; `triplets_from_matrix` takes such a matrix apart.
    Whatever the file holds, the outcome is a matrix of finite numbers (and NaN where allowed) or an
    `InputError` of one sentence, and nothing is ever unpickled.
    """
    name = shown_path(path)
    with one_sentence(name, "matrix"):
        check_missing(missing)
        check_file(Path(path), name)
        extension = known_extension(path, EXTENSIONS, name)
        reader = _reader(extension, name, key, header, missing)
        with Path(path).open("rb") as stream:
            content = unpacked(stream, name) if extension.endswith(".gz") else stream
            return finite_matrix(reader(content, name), name, missing=missing)


def _reader(
    extension: str, name: str, key: str | None, header: bool | None, missing: str
) -> Callable[[io.BufferedIOBase, str], Any]:
    """Return the reader for `extension`; `InputError` for an option that means nothing there."""
    if key is not None and extension != ".npz":
        raise InputError(f"key= chooses an array in a .npz archive, which {name} is not; leave it out.")
    if header is not None and not extension.startswith((".csv", ".tsv")):
        raise InputError(f"header= is for .csv and .tsv files, which {name} is not; leave it out.")
    if extension == ".npy":
        return read_npy
    if extension == ".npz":
        return functools.partial(read_npz, key=key)
    if extension.startswith(".mtx"):
        return read_matrix_market
    delimiter = "," if extension.startswith(".csv") else "\t"
    return functools.partial(read_text, delimiter=delimiter, header=header, missing=missing)
