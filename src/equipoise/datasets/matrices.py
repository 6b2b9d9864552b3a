"""The public functions that read matrices from files."""

import os
from collections.abc import Sequence

from equipoise.core.user_matrix import Matrix, Missing, check_missing
from equipoise.core.user_matrix import finite_matrix as finite_matrix
from equipoise.datasets.formats import FORMATS, Format
from equipoise.datasets.options import MatrixOptions
from equipoise.datasets.user_file import OpenFile, open_file


def read_matrix(
    path: str | os.PathLike[str],
    *,
    key: str | None = None,
    header: bool | None = None,
    missing: Missing = "error",
    formats: Sequence[Format] = FORMATS,
) -> Matrix:
    """Return the matrix in a file: a float64 array (rows, columns), or a csr_array if the file is sparse.

    - `path`: the file, whose extension gives the format; `FORMATS` lists them.
    - `key`: the name of the array to take from a .npz archive of several matrices.
    - `header`: whether the first line of a text names the columns. By default it does if one of its cells is text.
    - `missing`: whether an unknown entry is an "error" (the default) or "allowed", and then becomes NaN. In text, an
      unknown entry is a cell that is empty, NA, null or the like. `triplets_from_matrix` takes its known entries.
    - `formats`: the table of formats; by default that of the package. `(*FORMATS, another)` adds one.

    The result has finite numbers only (and NaN if allowed). Raises `InputError`, of one sentence, for any file that
    does not give such a matrix. Nothing is ever unpickled.
    """
    check_missing(missing)
    with open_file(path, "matrix", formats) as file:
        return matrix_in(file, key=key, header=header, missing=missing)


def matrix_in(
    file: OpenFile, *, key: str | None = None, header: bool | None = None, missing: Missing = "error"
) -> Matrix:
    """Return the matrix in an open file; the options are those of `read_matrix`.

    - `file`: the file, from `open_file`.
    - `key`, `header`, `missing`: as in `read_matrix`.
    """
    return finite_matrix(file.read(MatrixOptions(key, header, missing)), file.name, missing)
