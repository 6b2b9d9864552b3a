"""The public functions that read tables of triplets, such as ratings."""

import os
from collections.abc import Sequence
from typing import Any

from equipoise.datasets.entries.numbering import numbered
from equipoise.datasets.entries.triplets import Triplets
from equipoise.datasets.formats import FORMATS, Format
from equipoise.datasets.options import Duplicates, check_duplicates, read_options
from equipoise.datasets.tables.table import Table
from equipoise.datasets.tables.to_entries import entries_of
from equipoise.datasets.user_file import OpenFile, open_file


def read_triplets(
    path: str | os.PathLike[str],
    *,
    duplicates: Duplicates = "error",
    format: str | None = None,
    formats: Sequence[Format] = FORMATS,
    **options: Any,
) -> Triplets:
    """Return the entries of a table with one line per entry: row id, column id, value; in the order of the file.

    - `path`: the file, whose extension gives the format; `FORMATS` lists them.
    - `duplicates`: what to do with several values at one place: raise an "error" (the default), take their "mean" or
      "sum", or keep the "last". Order and timestamp are those of the last.
    - `format`: an extension without its dot, such as "csv", if the name of the file does not tell.
    - `formats`: the table of formats; by default that of the package. `(*FORMATS, another)` adds one.
    - `options`: the fields of `ReadOptions`. `columns=` has the titles of row ids, column ids, values and, optionally,
      timestamps; by default the titles tell them, and else the first three columns are taken.

    Ids are whole numbers if all of them are, and text otherwise; rows and columns are numbered by their sorted ids. The
    result is triplets of finite numbers. Raises `InputError`, of one sentence, for any file that does not give them.
    """
    check_duplicates(duplicates)
    with open_file(path, "triplets", formats, read_options(options), format=format) as file:
        return triplets_in(file, duplicates=duplicates)


def triplets_in(file: OpenFile, *, duplicates: Duplicates = "error") -> Triplets:
    """Return the triplets in an open file.

    - `file`: the file, from `open_file`.
    - `duplicates`: as in `read_triplets`.
    """
    read, hint = file.read(), ""
    if isinstance(read, Table):
        hint = "" if read.titles else "; if every row is one of a matrix, pass kind='matrix'."
        read = entries_of(read, file.options.columns, file.options.weights)
    return numbered(read, duplicates, hint)
