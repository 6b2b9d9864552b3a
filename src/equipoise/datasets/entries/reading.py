"""The front door for tables of triplets: ratings and the like."""

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
    """Return the entries of a table with one line each: row id, column id, value; in the order of the file.

    - `path`: the file, whose extension says what it is; `FORMATS` lists them.
    - `columns`: the titles of row ids, column ids, values and, if wanted, timestamps. None, the default, takes the
      first three columns, and the fourth as timestamps if it has that title or the file is MovieLens' own. Others are
      ignored.
    - `header`: whether the first line of a text has titles. None, the default, finds out: it has if text stands where
      the values do.
    - `duplicates`: what several values at one place are: an "error" (the default), or settled by their "mean" or the
      "last", of which the last one's order and timestamp remain.
    - `formats`: the table of formats, by default the package's own; `(*FORMATS, another)` adds one.

    Ids are whole numbers if all are, and text otherwise; sorted, they number rows and columns. Whatever the file holds,
    the outcome is triplets of finite numbers or an `InputError` of one sentence.
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
    """Return the triplets in an open file; the options are those of `read_triplets`."""
    return numbered(file.read(TripletOptions(checked_columns(columns), header)), duplicates)
