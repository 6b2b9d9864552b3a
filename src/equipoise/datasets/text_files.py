"""Tables in text, .csv and .tsv: a C reader for clean files, a slow one that finds the trouble in others."""

import csv
import io
from collections.abc import Iterator

import numpy as np

from equipoise.core.errors import InputError
from equipoise.datasets.wording import excerpt, reason

# A first line that holds these beside numbers is a row with missing entries, not a header.
_MISSING = frozenset({"", "na", "n/a", "null", "none", "?", "-", "."})
_SEPARATORS = {",": "commas", "\t": "tabs"}


def read_text(stream: io.BufferedIOBase, name: str, delimiter: str, header: bool | None) -> np.ndarray:
    """Return the (rows, columns) float64 matrix of a UTF-8 table whose cells are separated by `delimiter`.

    `header` says whether the first line names the columns; None: it does if one of its cells is text.
    Raises `InputError` with the place of the first thing that does not belong in full rows of numbers; rows
    are counted as in the file, from 1, the header included.
    """
    content = stream.read()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8 text (byte {error.start + 1} is 0x{content[error.start]:02x}); "
            "save it as UTF-8, or correct its extension."
        ) from error
    _, first = next(_records(content, delimiter, name), (0, []))
    if not first:
        raise InputError(f"{name} is empty; give it one line of numbers for every row of the matrix.")
    titled = any(_is_title(cell) for cell in first) if header is None else header
    if titled:
        _check_titles(first, name)
    matrix = _read_fast(content, delimiter, titled, (_count_lines(content) - titled, len(first)))
    return _read_slowly(content, delimiter, titled, name) if matrix is None else matrix


def _read_fast(content: bytes, delimiter: str, titled: bool, shape: tuple[int, int]) -> np.ndarray | None:
    """Return what NumPy's C reader makes of the lines if it is of the `shape` they should have, else None."""
    if shape[0] < 1:
        return None
    try:
        matrix = np.loadtxt(_text(content), delimiter=delimiter, comments=None, skiprows=int(titled), ndmin=2)
    except ValueError:
        return None
    return matrix if matrix.shape == shape else None


def _read_slowly(content: bytes, delimiter: str, titled: bool, name: str) -> np.ndarray:
    """Return the matrix read cell by cell, quoted cells among them; trouble is raised with its place."""
    records = _records(content, delimiter, name)
    titles = next(records)[1] if titled else []
    width = len(titles)
    rows = []
    for row, cells in records:
        width = width or len(cells)
        if len(cells) != width:
            raise InputError(
                f"Row {row} of {name} has {len(cells)} cell{'s' * (len(cells) > 1)} where row 1 has {width}; "
                "give every row the same number of cells."
            )
        values = [_value(cell) for cell in cells]
        if None in values:
            column = values.index(None)
            title = titles[column] if titles else ""
            raise _not_a_number(row, column + 1, title, cells[column], delimiter, name)
        rows.append(np.array(values, dtype=np.float64))
    if not rows:
        raise InputError(f"{name} holds a header line and no numbers below it; add the rows of the matrix.")
    return np.stack(rows)


def _text(content: bytes) -> io.TextIOWrapper:
    """Return `content` as text without a byte order mark, every kind of line end made a newline."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig")


def _records(content: bytes, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, cells), rows from 1, without blank lines at the end; others raise `InputError`."""
    reader = csv.reader(_text(content), delimiter=delimiter, strict=True)
    row = blank = 0
    while True:
        row += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"Row {row} of {name} cannot be split into cells ({reason(error)}); correct its quotes."
            ) from error
        if cells is None:
            return
        if len(cells) <= 1 and not "".join(cells).strip():
            blank = blank or row
        elif blank:
            raise InputError(f"Row {blank} of {name} is blank, but rows follow it; delete the blank line.")
        else:
            yield row, cells


def _count_lines(content: bytes) -> int:
    """Return the number of lines up to the last that is not blank, for any line ends."""
    body = content.rstrip(b"\r\n\t ")
    return body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n") + 1


def _value(cell: str) -> float | None:
    """Return the number in `cell`, or None; unlike Python, 1_000 and digits outside ASCII are no numbers."""
    text = cell.strip()
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _is_title(cell: str) -> bool:
    return _value(cell) is None and cell.strip().lower() not in _MISSING


def _check_titles(titles: list[str], name: str) -> None:
    """Raise `InputError` if only column 1 lacks a title: a row index, which would pass for numbers."""
    if not titles[0].strip() and any(title.strip() for title in titles):
        raise InputError(
            f"Column 1 of {name} has no name in the header line, as a row index and not data usually has; "
            "save the table without its index (pandas: index=False) or name that column."
        )


def _not_a_number(row: int, column: int, title: str, cell: str, delimiter: str, name: str) -> InputError:
    place = f"Row {row}, column {column} of {name}"
    if title.strip():
        place = f"Row {row}, column {column} ({excerpt(title)}) of {name}"
    if not cell.strip():
        return InputError(f"{place} is empty; write a number there, or leave out its row or column.")
    advice = "write a number there, or leave out its row or column"
    if any(mark in cell for mark in ";,\t"):
        advice = f"separate cells by {_SEPARATORS[delimiter]} and write decimals with a point"
    return InputError(f"{place} holds {excerpt(cell)}, which is not a number; {advice}.")
