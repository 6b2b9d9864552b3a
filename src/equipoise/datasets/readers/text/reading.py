"""The reader of tables in text: it finds the layout first, and then reads every cell."""

import itertools
from typing import NamedTuple

import numpy as np

from equipoise.core.errors import InputError
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.text.encoding import decoded
from equipoise.datasets.readers.text.fast import read_fast
from equipoise.datasets.readers.text.header import Header, header_of
from equipoise.datasets.readers.text.lines import Lines, records, split, without_comments
from equipoise.datasets.readers.text.numerals import Numerals, numerals_of
from equipoise.datasets.readers.text.separators import NAMES, separator_of
from equipoise.datasets.readers.text.slow import column_of
from equipoise.datasets.tables.table import Table
from equipoise.datasets.user_file import OpenFile

_ROWS, _CELLS = 1000, 20_000


class TextLayout(NamedTuple):
    """How a table is written.

    - `encoding`: the encoding, if it is not UTF-8.
    - `separator`: what stands between cells; a blank for runs of blanks.
    - `numerals`: how numbers are written.
    - `header`: what the first line is.
    """

    encoding: str
    separator: str
    numerals: Numerals
    header: Header


def read_text(file: OpenFile, options: ReadOptions) -> Table:
    """Return the table in a text file, as `table_of_text` does."""
    return table_of_text(file.stream.read(), file.name, file.format.delimiter, file.format.stamped, options)


def table_of_text(content: bytes, name: str, delimiter: str, stamped: bool, options: ReadOptions) -> Table:
    """Return the table in a text.

    - `content`: the bytes of the file.
    - `name`: the file, for messages.
    - `delimiter`: the separator to prefer if several fit.
    - `stamped`: whether a fourth column holds timestamps, as in MovieLens' own files.
    - `options`: how to read it; what is None there is found out.

    A quick reader in C takes clean tables, and a slow one takes all others and finds the place of the first error.
    """
    text, encoding = decoded(content, options.encoding, name)
    lines = without_comments(text, options.comment)
    separator = options.separator or separator_of(lines.text, delimiter)
    sample = _trimmed(_first_records(lines, separator, name))
    if not sample:
        raise InputError(f"{name} is empty; give it a table of numbers.")
    layout = _layout(encoding, separator, sample, lines.last_comment, name, options)
    columns = read_fast(lines, layout.separator, layout.numerals, layout.header, sample)
    numbers: list[int] | int = lines.first + layout.header.in_first_line
    if columns is None:
        found = _trimmed(list(records(lines, separator, name)))
        layout = _layout(encoding, separator, found, lines.last_comment, name, options)
        numbers, columns = _read_slowly(found, layout, name)
    elif lines.numbers is not None:
        numbers = lines.numbers[layout.header.in_first_line :][: columns[0].size].tolist()
    return Table(
        name,
        columns,
        layout.header.titles,
        numbers if isinstance(numbers, int) else np.array(numbers, dtype=np.int64),
        labelled=layout.header.labelled,
        stamped=stamped and layout.separator == delimiter and len(columns) in (3, 4),
        missing=layout.numerals.is_missing,
        number=layout.numerals.number,
        written=_Written(lines, layout),
        said=_said(layout, len(columns)),
    )


def _first_records(lines: Lines, separator: str, name: str) -> list[tuple[int, list[str]]]:
    """The first rows: enough cells to tell the layout, and few enough to take no time."""
    found: list[tuple[int, list[str]]] = []
    for record in records(lines, separator, name):
        found.append(record)
        if len(found) >= min(_ROWS, max(50, _CELLS // max(len(record[1]), 1))):
            break
    return found


def _trimmed(found: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The rows without the blank cell behind a separator that ends every line but that of the titles."""
    width = len(found[0][1]) if found else 0
    if len(found) < 2 or any(len(cells) != width + 1 or cells[-1].strip() for _, cells in found[1:]):
        return found
    return [found[0], *((row, cells[:-1]) for row, cells in found[1:])]


def _layout(
    encoding: str,
    separator: str,
    found: list[tuple[int, list[str]]],
    last_comment: str,
    name: str,
    options: ReadOptions,
) -> TextLayout:
    rows = [cells for _, cells in found]
    cells = (cell for row in rows for cell in row)
    numerals = numerals_of(cells, name, options.decimal, options.thousands, options.missing_cells)
    wanted = True if options.columns is not None else options.header
    in_comment = next(split(last_comment, separator), [])
    width = len(rows[0])
    if (
        options.header is None
        and len(in_comment) == width > 1
        and all(map(numerals.is_title, in_comment))
        and any(numerals.number(cell) is not None for cell in rows[0])
    ):
        return TextLayout(encoding, separator, numerals, Header(tuple(cell.strip() for cell in in_comment)))
    return TextLayout(encoding, separator, numerals, header_of(rows, numerals, wanted, name))


def _read_slowly(
    found: list[tuple[int, list[str]]], layout: TextLayout, name: str
) -> tuple[list[int], tuple[np.ndarray, ...]]:
    """Return the rows in the file and the columns, read cell by cell."""
    body = found[layout.header.in_first_line :]
    if not body:
        raise InputError(f"{name} holds a header line and no numbers below it; add the rows of the table.")
    width = len(layout.header.titles) or len(body[0][1])
    for row, cells in body:
        if len(cells) != width:
            several = "s" * (len(cells) != 1)
            raise InputError(
                f"Row {row} of {name} has {len(cells)} cell{several}, but row {found[0][0]} has {width}; give every "
                f"row the same number of cells{_other_separator(layout)}."
            )
    columns = tuple(column_of([cells[k] for _, cells in body], layout.numerals) for k in range(width))
    return [row for row, _ in body], columns


def _other_separator(layout: TextLayout) -> str:
    return f", or pass separator=, for {NAMES[layout.separator]} were taken" if layout.separator in NAMES else ""


class _Written:
    """A cell as it is written, found again when a message needs it."""

    def __init__(self, lines: Lines, layout: TextLayout) -> None:
        self._lines, self._layout = lines, layout

    def __call__(self, row: int, column: int) -> str:
        position = row + self._layout.header.in_first_line
        return next(itertools.islice(split(self._lines.text, self._layout.separator), position, None))[column]


def _said(layout: TextLayout, width: int) -> tuple[str, ...]:
    """What a user should know of the layout, because it is not the plainest one."""
    said = []
    if layout.encoding:
        said.append(f"encoding {layout.encoding}")
    if width > 1 and layout.separator not in (",", "\t", "::"):
        said.append(f"separated by {NAMES.get(layout.separator, repr(layout.separator))}")
    if layout.numerals.decimal == ",":
        said.append("decimal commas")
    if layout.numerals.thousands:
        said.append(f"{layout.numerals.thousands!r} between thousands")
    if layout.header.titles and all(title.strip().isdigit() for title in layout.header.titles[1:]):
        said.append("numbers in the first line as titles")
    return tuple(said)
