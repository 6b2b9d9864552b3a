"""The front door for files: find the reader by the extension, and turn every failure into one sentence."""

import contextlib
import functools
import gzip
import io
import os
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.datasets.checks import Matrix, finite_matrix
from equipoise.datasets.matrix_market import read_matrix_market
from equipoise.datasets.numpy_files import read_npy, read_npz
from equipoise.datasets.text_files import read_text
from equipoise.datasets.wording import reason, shown_path

EXTENSIONS = (".npy", ".npz", ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".mtx", ".mtx.gz")


def read_matrix(path: str | os.PathLike[str], *, key: str | None = None, header: bool | None = None) -> Matrix:
    """Return the matrix in a file: a float64 array (rows, columns), or a csr_array where the file is sparse.

    The extension, in small letters or capitals, says what the file is: .npy; .npz, dense or written by
    `scipy.sparse.save_npz`; .csv, .tsv; Matrix Market .mtx; the text formats also with .gz.
    `key` names the array to take from a .npz archive that holds several matrices. `header` says whether the
    first line of a .csv or .tsv names the columns; None finds out: it does if one of its cells is text.
    Whatever the file holds, the outcome is a finite matrix or an `InputError` of one sentence, and nothing
    is ever unpickled.
    """
    name = shown_path(path)
    with _one_sentence(name):
        _check_file(Path(path), name)
        extension = _extension(path, name)
        reader = _reader(extension, name, key, header)
        with Path(path).open("rb") as stream:
            content = _unpacked(stream, name) if extension.endswith(".gz") else stream
            return finite_matrix(reader(content, name), name)


def _check_file(file: Path, name: str) -> None:
    if file.is_dir():
        raise InputError(f"{name} is a folder; give a file in it.")
    if not file.exists():
        raise InputError(f"There is no file {name}; correct the path.")
    if not file.is_file():
        raise InputError(f"{name} is not a regular file; copy its content to one.")


def _extension(path: str | os.PathLike[str], name: str) -> str:
    known = [extension for extension in EXTENSIONS if os.fspath(path).lower().endswith(extension)]
    if not known:
        raise InputError(f"{name} has no extension that is known here; use one of {', '.join(EXTENSIONS)}.")
    return known[0]


def _reader(extension: str, name: str, key: str | None, header: bool | None) -> Callable[[io.BufferedIOBase, str], Any]:
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
    return functools.partial(read_text, delimiter=delimiter, header=header)


def _unpacked(stream: io.BufferedIOBase, name: str) -> io.BufferedIOBase:
    packed = stream.read()
    try:
        return io.BytesIO(gzip.decompress(packed))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{name} is not a complete gzip file ({reason(error)}); "
            "compress it again, or take .gz from its name if it is plain."
        ) from error


@contextlib.contextmanager
def _one_sentence(name: str) -> Iterator[None]:
    """Let `InputError` pass and turn any other failure into one; warnings about the content are not shown.

    Readers of foreign formats fail in more ways than they document.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"{name} does not fit in memory ({reason(error)}); give a smaller matrix.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:  # the path failed, not the content
            raise InputError(f"Cannot open {name}: {reason(error)}; check its permissions.") from error
        raise InputError(
            f"Cannot read {name} ({reason(error)}); it is damaged or not what its extension says, "
            "so save it again or correct its extension."
        ) from error
