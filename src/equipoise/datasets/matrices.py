"""The public functions that read matrices from files."""

import os
from collections.abc import Sequence
from typing import Any

from equipoise.core.user_matrix import Matrix, Missing, check_missing
from equipoise.core.user_matrix import finite_matrix as finite_matrix
from equipoise.datasets.formats import FORMATS, Format
from equipoise.datasets.labelled import LabelledMatrix
from equipoise.datasets.options import Duplicates, check_duplicates, read_options
from equipoise.datasets.settled import settled
from equipoise.datasets.tables.table import Table
from equipoise.datasets.tables.to_matrix import matrix_of
from equipoise.datasets.user_file import OpenFile, open_file


def read_matrix(
    path: str | os.PathLike[str],
    *,
    missing: Missing = "error",
    duplicates: Duplicates = "error",
    format: str | None = None,
    formats: Sequence[Format] = FORMATS,
    **options: Any,
) -> Matrix:
    """Return the matrix in a file: a float64 array (rows, columns), or a csr_array if the file is sparse.

    - `path`: the file, whose extension gives the format; `FORMATS` lists them.
    - `missing`: whether an unknown entry is an "error" (the default) or "allowed", and then becomes NaN. In text, an
      unknown entry is a cell that is empty, NA, null or the like. `triplets_from_matrix` takes its known entries.
    - `duplicates`: what to do with a place that a sparse file gives several times: raise an "error" (the default), take
      the "mean", the "last" or the "sum".
    - `format`: an extension without its dot, such as "csv", if the name of the file does not tell.
    - `formats`: the table of formats; by default that of the package. `(*FORMATS, another)` adds one.
    - `options`: the fields of `ReadOptions`, such as `header=True`, `separator=";"` or `key="a"`.

    The result has finite numbers only (and NaN if allowed). Raises `InputError`, of one sentence, for any file that
    does not give such a matrix. Nothing is ever unpickled.
    """
    return read_labelled_matrix(
        path, missing=missing, duplicates=duplicates, format=format, formats=formats, **options
    ).matrix


def read_labelled_matrix(
    path: str | os.PathLike[str],
    *,
    missing: Missing = "error",
    duplicates: Duplicates = "error",
    format: str | None = None,
    formats: Sequence[Format] = FORMATS,
    **options: Any,
) -> LabelledMatrix:
    """Return the matrix in a file with the labels of its rows and columns; arguments and errors as in `read_matrix`.

    - `path`: the file.
    - `missing`, `duplicates`, `format`, `formats`, `options`: as in `read_matrix`.
    """
    check_missing(missing)
    check_duplicates(duplicates)
    with open_file(path, "matrix", formats, read_options(options), format=format) as file:
        return matrix_in(file, missing=missing, duplicates=duplicates)


def matrix_in(file: OpenFile, *, missing: Missing = "error", duplicates: Duplicates = "error") -> LabelledMatrix:
    """Return the matrix in an open file, with its labels.

    - `file`: the file, from `open_file`.
    - `missing`, `duplicates`: as in `read_matrix`.
    """
    read = file.read()
    if isinstance(read, Table):
        read = matrix_of(read, missing, file.options.labels)
    if not isinstance(read, LabelledMatrix):
        read = LabelledMatrix(read)
    matrix = finite_matrix(settled(read.matrix, duplicates, file.name), file.name, missing)
    return read._replace(matrix=matrix)
