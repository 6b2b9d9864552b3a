"""Triplets in text: a C reader for clean files, and a slow reader for text ids and quotes that also locates errors."""

import re
import warnings
from typing import Any

import numpy as np
from jaxtyping import Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.datasets.entries.table import EntryTable, Layout, chosen_positions
from equipoise.datasets.options import TripletOptions
from equipoise.datasets.readers.text import cells
from equipoise.datasets.user_file import OpenFile

_REMEDY = "write a number there, or delete the row"
# Ids that are kept as text although the C reader would read a number: +7, 007, -0.
_ODD_NUMBER = re.compile(rb"(?:^|[\n,\t])[ \r\f\v\x1c-\x1f]*+(?:\+|-0|0[0-9])")
_WHOLE = re.compile(r"0|-?[1-9][0-9]*+", re.ASCII)


def read_text_triplets(file: OpenFile, options: TripletOptions) -> EntryTable:
    """Return the columns of a UTF-8 table, as `table_of` does."""
    return table_of(file.stream.read(), file.name, file.format.delimiter, file.format.stamped, options)


def table_of(content: bytes, name: str, delimiter: str, stamped: bool, options: TripletOptions) -> EntryTable:
    """Return the columns of a UTF-8 table; `stamped` says whether the fourth column always holds timestamps.

    Ids are int64 if all of them are whole numbers that fit in int64, without plus sign or leading zeros; else they are
    text without surrounding blanks. Raises `InputError` with the place of the first error.
    """
    cells.check_utf8(content, name)
    _, first = next(cells.records(content, delimiter, name), (0, []))
    if not first:
        raise InputError(f"{name} is empty; give it one line for every entry: row id, column id, value.")
    layout = _layout(first, name, stamped, options)
    read = _read_fast(content, delimiter, layout, len(first))
    return _read_slowly(content, delimiter, layout, len(first)) if read is None else read


def _layout(first: list[str], name: str, stamped: bool, options: TripletOptions) -> Layout:
    """Return the places of the columns, from the first line; it is a header if its value cell is text."""
    columns, header = options
    if columns is not None and header is False:
        raise InputError("columns= needs the titles in a header line, but header=False says there is none; drop one.")
    titled = header
    if titled is None:
        titled = columns is not None or (len(first) > 2 and cells.is_title(first[2]))
    titles = tuple(first) if titled else ()
    if titles and columns is None:
        cells.check_titles(first, name)
    return Layout(name, chosen_positions(titles, len(first), columns, stamped, name), titles, titled)


def _read_fast(content: bytes, delimiter: str, layout: Layout, width: int) -> EntryTable | None:
    """Return the columns as read by NumPy's C reader if the table is plain and its ids are whole numbers, else None."""
    body = content.rstrip(b"\r\n\t ").replace(b"\r\n", b"\n")
    if not body.isascii() or b'"' in body or b"\r" in body or _ODD_NUMBER.search(body):
        return None
    if delimiter == "::":
        if b"\t" in body or b":::" in body:
            return None
        body, delimiter = body.replace(b"::", b"\t"), "\t"
    lines = body.count(b"\n") + 1 - layout.titled
    if lines < 1 or not _is_regular(body, delimiter.encode(), width):
        return None
    kinds = [("row", "i8"), ("column", "i8"), ("value", "f8"), ("stamp", "i8")][: len(layout.positions)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # whole numbers written as 1.0 give only a warning
            table = np.loadtxt(
                cells.as_text(body),
                dtype=kinds,
                delimiter=delimiter,
                comments=None,
                skiprows=int(layout.titled),
                usecols=layout.positions,
                ndmin=1,
            )
    except (ValueError, OverflowError, Warning):
        return None
    if table.shape != (lines,):
        return None
    rows, columns, values = (np.ascontiguousarray(table[field]) for field in ("row", "column", "value"))
    stamps = np.ascontiguousarray(table["stamp"]) if len(kinds) > 3 else None
    return EntryTable(rows, columns, values, stamps, layout)


def _is_regular(body: bytes, delimiter: bytes, width: int) -> bool:
    """Whether every line has width - 1 delimiters."""
    letters = np.frombuffer(body, dtype=np.uint8)
    delimiters = np.flatnonzero(letters == delimiter[0])
    ends = np.append(np.flatnonzero(letters == ord("\n")), letters.size)
    counts = np.diff(np.searchsorted(delimiters, ends), prepend=0)
    return bool((counts == width - 1).all())


def _read_slowly(content: bytes, delimiter: str, layout: Layout, width: int) -> EntryTable:
    """Return the columns, read cell by cell; an error names its place."""
    found: list[list[Any]] = [[] for _ in layout.positions]
    records = cells.records(content, delimiter, layout.name)
    if layout.titled:
        next(records)
    for row, record in records:
        cells.check_width(row, len(record), width, layout.name)
        for k, position in enumerate(layout.positions):
            found[k].append(_CONVERTERS[k](record[position], row, k, layout, delimiter))
    if not found[0]:
        raise InputError(f"{layout.name} holds a header line and nothing below it; add a line for every entry.")
    stamps = np.array(found[3], dtype=np.int64) if len(found) > 3 else None
    return EntryTable(_ids(found[0]), _ids(found[1]), np.array(found[2], dtype=np.float64), stamps, layout)


def _identity(cell: str, row: int, k: int, layout: Layout, delimiter: str) -> str:
    if not cell.strip():
        which = ("row", "column")[k]
        raise InputError(f"{layout.place(row, k)} is empty; write the {which} id there, or delete the row.")
    return cell.strip()


def _number(cell: str, row: int, k: int, layout: Layout, delimiter: str) -> float:
    value = cells.number(cell)
    if value is None:
        raise cells.not_a_number(layout.place(row, k), cell, delimiter, _REMEDY)
    return value


def _stamp(cell: str, row: int, k: int, layout: Layout, delimiter: str) -> int:
    value = _whole(cell.strip())
    if value is None:
        raise InputError(
            f"{layout.place(row, k)} holds {excerpt(cell)}, which is not a timestamp; "
            "write whole seconds there, or choose three columns with columns=."
        )
    return value


_CONVERTERS = (_identity, _identity, _number, _stamp)


def _whole(text: str) -> int | None:
    """Return `text` as a whole number if it is one that fits in an int64, else None."""
    if len(text) > 20 or not _WHOLE.fullmatch(text):
        return None
    value = int(text)
    return value if -(2**63) <= value < 2**63 else None


def _ids(read: list[str]) -> Shaped[np.ndarray, " entries"]:
    numbers = [_whole(cell) for cell in read]
    if None not in numbers:
        return np.array(numbers, dtype=np.int64)
    texts = np.empty(len(read), dtype=object)
    texts[:] = read
    return texts
