"""The front door for files of matrices."""

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
    """Return the matrix in a file: a float64 array (rows, columns), or a csr_array where the file is sparse.

    - `path`: the file, whose extension says what it is; `FORMATS` lists them.
    - `key`: the array to take from a .npz archive of several matrices.
    - `header`: whether the first line of a text names the columns. None, the default, finds out: it does if one of its
      cells is text.
    - `missing`: whether an entry that is not known is an "error" (the default) or "allowed", and then NaN. In text that
      is a cell that is empty, or holds NA or its kin. `triplets_from_matrix` takes such a matrix apart.
    - `formats`: the table of formats, by default the package's own; `(*FORMATS, another)` adds one.

    Whatever the file holds, the outcome is a matrix of finite numbers (and NaN where allowed) or an `InputError` of one
    sentence, and nothing is ever unpickled.
    """
    check_missing(missing)
    with open_file(path, "matrix", formats) as file:
        return matrix_in(file, key=key, header=header, missing=missing)


def matrix_in(
    file: OpenFile, *, key: str | None = None, header: bool | None = None, missing: Missing = "error"
) -> Matrix:
    """Return the matrix in an open file; the options are those of `read_matrix`."""
    return finite_matrix(file.read(MatrixOptions(key, header, missing)), file.name, missing)
