"""The front door for tables of triplets: ratings and the like."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.datasets.opening import check_file, known_extension, one_sentence, unpacked
from equipoise.datasets.triplet_columns import DUPLICATES, Columns, Layout, assemble, check_columns
from equipoise.datasets.triplet_parquet import read_parquet
from equipoise.datasets.triplet_text import read_columns
from equipoise.datasets.triplets import Triplets

# The last five are MovieLens' own: u.data, ua.base, ua.test and ratings.dat, without header and with timestamps.
_DELIMITERS = {".csv": ",", ".tsv": "\t", ".data": "\t", ".base": "\t", ".test": "\t", ".dat": "::"}
_STAMPED = (".data", ".base", ".test", ".dat")
TABLE_EXTENSIONS = (*_DELIMITERS, *(f"{extension}.gz" for extension in _DELIMITERS), ".parquet")


def read_triplets(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    header: bool | None = None,
    duplicates: Literal["error", "mean", "last"] = "error",
) -> Triplets:
    """Return the entries of a table with one line each: row id, column id, value; in the order of the file.

    The extension says what the file is: .csv; .tsv; MovieLens' .data, .base, .test (tabs) and .dat (double colons);
    each also with .gz; .parquet, if pyarrow is installed. `columns`: the titles of row ids, column ids, values and,
    fourth, timestamps; None: the first three columns, and the fourth as timestamps if it has that title or the file
    is MovieLens' own; others are ignored. `header`: whether the first line has titles; None: it has if text stands
    where the values do. Ids are whole numbers if all are, and text otherwise; sorted, they number rows and columns.
    `duplicates`: what to do with several values at one place, of which the last one's order and timestamp remain.
    Whatever the file holds, the outcome is triplets of finite numbers or an `InputError` of one sentence.
    """
    name = shown_path(path)
    with one_sentence(name, "table"):
        if duplicates not in DUPLICATES:
            raise InputError(f"duplicates is {duplicates!r}; it must be 'error', 'mean' or 'last'.")
        check_columns(columns)
        check_file(Path(path), name)
        extension = known_extension(path, TABLE_EXTENSIONS, name)
        with Path(path).open("rb") as stream:
            content = unpacked(stream, name) if extension.endswith(".gz") else stream
            read, layout = _read(content, extension, name, None if columns is None else tuple(columns), header)
        return assemble(read, layout, duplicates)


def _read(
    stream: io.BufferedIOBase, extension: str, name: str, columns: tuple[str, ...] | None, header: bool | None
) -> tuple[Columns, Layout]:
    if extension == ".parquet":
        if header is not None:
            raise InputError(f"header= is for tables in text, which {name} is not; leave it out.")
        return read_parquet(stream, name, columns)
    kind = extension.removesuffix(".gz")
    return read_columns(stream.read(), name, _DELIMITERS[kind], header, columns, kind in _STAMPED)
