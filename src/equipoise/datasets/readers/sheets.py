"""From the rows of a spreadsheet to a table: shared by the readers of .xlsx and .ods."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, listing
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.text.header import header_of
from equipoise.datasets.readers.text.numerals import Numerals
from equipoise.datasets.readers.text.slow import column_of
from equipoise.datasets.tables.from_cells import as_text, header_given, trimmed
from equipoise.datasets.tables.table import Table

MOST_CELLS = 20_000_000
"""The most cells that are taken from a sheet; a crafted file of a few bytes could announce far more."""


def chosen_sheet(names: Sequence[str], wanted: str | None, name: str) -> str:
    """Return the sheet that is asked for, by name or by number from 1, or the only one."""
    if wanted is None and len(names) == 1:
        return names[0]
    found = listing([excerpt(each) for each in names]) or "none"
    if wanted is None:
        raise InputError(f"{name} has {len(names)} sheets; pass one of them as sheet=: {found}.")
    if wanted in names:
        return wanted
    if wanted.isdigit() and 0 < int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise InputError(f"{name} has no sheet {excerpt(wanted)}; pass one of them as sheet=: {found}.")


def table_of_sheet(rows: Iterable[Sequence[Any]], name: str, options: ReadOptions) -> Table:
    """Return the table of a sheet: leading blank rows are passed over, and cells of text are read as in a text."""
    read = trimmed(_limited(rows, name))
    start = next((k for k, row in enumerate(read) if any(as_text(cell).strip() for cell in row)), 0)
    cells = [[as_text(cell) for cell in row] for row in read[start:]]
    if not cells:
        raise InputError(f"{name} is empty; give it a table of numbers.")
    numerals = Numerals(missing=frozenset(word.lower() for word in options.missing_cells or ()))
    header = header_of(cells, numerals, header_given(options), name)
    body = cells[header.in_first_line :]
    if not body:
        raise InputError(f"{name} holds a header line and no numbers below it; add the rows of the table.")
    first = start + 1 + header.in_first_line
    blank = next((k for k, row in enumerate(body) if not any(cell.strip() for cell in row)), None)
    if blank is not None:
        raise InputError(f"Row {first + blank} of {name} is blank, but rows follow it; delete the blank row.")
    columns: tuple[np.ndarray, ...] = tuple(column_of([row[k] for row in body], numerals) for k in range(len(body[0])))
    return Table(
        name,
        columns,
        header.titles,
        first,
        labelled=header.labelled,
        missing=numerals.is_missing,
        number=numerals.number,
        written=_written(body),
    )


def _written(body: list[list[str]]) -> Callable[[int, int], str]:
    return lambda row, column: body[row][column]


def _limited(rows: Iterable[Sequence[Any]], name: str) -> list[Sequence[Any]]:
    kept: list[Sequence[Any]] = []
    width = 1
    for row in rows:
        width = max(width, len(row))
        if (len(kept) + 1) * width > MOST_CELLS:  # all rows become as long as the longest
            raise InputError(f"{name} has more than {MOST_CELLS:,} cells; save the sheet as .csv.")
        kept.append(row)
    return kept
