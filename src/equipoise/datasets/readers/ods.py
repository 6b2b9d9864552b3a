"""Spreadsheets of OpenDocument, .ods, by odfpy."""

import importlib
from collections.abc import Iterator
from typing import Any

from equipoise.core.errors import InputError
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.sheets import MOST_CELLS, chosen_sheet, table_of_sheet
from equipoise.datasets.tables.table import Table
from equipoise.datasets.user_file import OpenFile

_NUMBERS = ("float", "percentage", "currency")


def read_ods(file: OpenFile, options: ReadOptions) -> Table:
    """Return the table in a sheet; raise `InputError` for a sheet that is not there."""
    document = importlib.import_module("odf.opendocument").load(file.stream)
    elements = importlib.import_module("odf.table")
    sheets = {
        str(sheet.getAttribute("name")): sheet for sheet in document.spreadsheet.getElementsByType(elements.Table)
    }
    if not sheets:
        raise InputError(f"{file.name} has no sheet of cells; add one.")
    sheet = sheets[chosen_sheet(list(sheets), options.sheet, file.name)]
    return table_of_sheet(_rows(sheet.getElementsByType(elements.TableRow), file.name), file.name, options)


def _rows(rows: Any, name: str) -> Iterator[list[Any]]:
    """The values of each row, repeated as the file says; blank ones at the end are left out."""
    blank = 0
    for row in rows:
        cells, times = _cells(row, name), _times(row, "numberrowsrepeated")
        if not cells:
            blank += times
            continue
        _check_times(blank + times * len(cells), name)
        yield from ([] for _ in range(blank))
        yield from (cells for _ in range(times))
        blank = 0


def _cells(row: Any, name: str) -> list[Any]:
    found: list[Any] = []
    blank = 0
    for cell in row.childNodes:
        times = _times(cell, "numbercolumnsrepeated")
        value = _value(cell)
        if value is None:
            blank += times
            continue
        _check_times(blank + times, name)
        found += [None] * blank + [value] * times
        blank = 0
    return found


def _value(cell: Any) -> Any:
    kind = cell.getAttribute("valuetype")
    if kind in _NUMBERS:
        return float(cell.getAttribute("value"))
    if kind == "date":
        return str(cell.getAttribute("datevalue"))
    return str(cell) or None


def _times(element: Any, attribute: str) -> int:
    return int(element.getAttribute(attribute) or 1)


def _check_times(count: int, name: str) -> None:
    if count > MOST_CELLS:
        raise InputError(f"{name} has more than {MOST_CELLS:,} cells; save the sheet as .csv.")
