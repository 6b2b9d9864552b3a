"""The public functions that read tables of triplets, such as ratings."""

import os
from collections.abc import Sequence

from equipoise.datasets.entries.numbering import numbered
from equipoise.datasets.entries.triplets import Triplets
from equipoise.datasets.formats import FORMATS, Format
from equipoise.datasets.options import Duplicates, TripletOptions, check_duplicates, checked_columns
from equipoise.datasets.user_file import OpenFile, open_file


def read_triplets(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    header: bool | None = None,
    duplicates: Duplicates = "error",
    formats: Sequence[Format] = FORMATS,
) -> Triplets:
    """Return the entries of a table with one line per entry: row id, column id, value; in the order of the file.

    - `path`: the file, whose extension gives the format; `FORMATS` lists them.
    - `columns`: the titles of row ids, column ids, values and, optionally, timestamps; other columns are ignored. By
      default the first three columns are taken, and the fourth as timestamps if it has that title or the file is
      MovieLens' own.
    - `header`: whether the first line of a text has titles. By default it has if its value cell is text.
    - `duplicates`: what to do with several values at one place: raise an "error" (the default), take their "mean", or
      keep the "last". Order and timestamp are those of the last.
    - `formats`: the table of formats; by default that of the package. `(*FORMATS, another)` adds one.

    Ids are whole numbers if all of them are, and text otherwise; rows and columns are numbered by their sorted ids. The
    result is triplets of finite numbers. Raises `InputError`, of one sentence, for any file that does not give them.
    """
    check_duplicates(duplicates)
    chosen = checked_columns(columns)
    with open_file(path, "triplets", formats) as file:
        return triplets_in(file, columns=chosen, header=header, duplicates=duplicates)


def triplets_in(
    file: OpenFile,
    *,
    columns: Sequence[str] | None = None,
    header: bool | None = None,
    duplicates: Duplicates = "error",
) -> Triplets:
    """Return the triplets in an open file; the options are those of `read_triplets`.

    - `file`: the file, from `open_file`.
    - `columns`, `header`, `duplicates`: as in `read_triplets`.
    """
    return numbered(file.read(TripletOptions(checked_columns(columns), header)), duplicates)
