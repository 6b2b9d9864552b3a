"""Spreadsheets of Excel, .xlsx, by openpyxl; formulas give the values that were stored with them."""

import importlib
from collections.abc import Iterator
from typing import Any

from equipoise.core.errors import InputError
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.sheets import chosen_sheet, table_of_sheet
from equipoise.datasets.tables.table import Table
from equipoise.datasets.user_file import OpenFile


def read_xlsx(file: OpenFile, options: ReadOptions) -> Table:
    """Return the table in a sheet; raise `InputError` for a sheet that is not there."""
    openpyxl = importlib.import_module("openpyxl")
    book = openpyxl.load_workbook(file.stream, read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [sheet.title for sheet in book.worksheets]
        if not sheets:
            raise InputError(f"{file.name} has no sheet of cells; add one.")
        sheet = book[chosen_sheet(sheets, options.sheet, file.name)]
        sheet.reset_dimensions()  # what a file announces of its size may be wrong
        return table_of_sheet(_rows(sheet), file.name, options)
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """The values of each row without blank cells at its end."""
    for cells in sheet.iter_rows(values_only=True):
        row = list(cells)
        while row and row[-1] is None:
            row.pop()
        yield row
