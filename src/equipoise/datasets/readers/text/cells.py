"""Tables in text, cell by cell: shared by the readers of matrices and of triplets."""

import csv
import io
from collections.abc import Iterator

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, reason

# Cells that stand for a missing number. In a first line they are a row with missing entries, not a header.
_MISSING = frozenset({"", "na", "n/a", "null", "none", "?", "-", "."})
_SEPARATORS = {",": "commas", "\t": "tabs", "::": "double colons"}


def check_utf8(content: bytes, name: str) -> None:
    """Raise `InputError` unless `content` is UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8 text (byte {error.start + 1} is 0x{content[error.start]:02x}); "
            "save it as UTF-8, or correct its extension."
        ) from error


def as_text(content: bytes) -> io.TextIOWrapper:
    """Return `content` as text without a byte order mark, with every kind of line end turned into a newline."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig")


def records(content: bytes, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, cells), rows from 1, without blank lines at the end; raise `InputError` for any other blank line."""
    row = blank = 0
    reader = _split(content, delimiter)
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


def _split(content: bytes, delimiter: str) -> Iterator[list[str]]:
    if len(delimiter) == 1:
        return csv.reader(as_text(content), delimiter=delimiter, strict=True)
    return (line.rstrip("\n").split(delimiter) for line in as_text(content))


def count_lines(content: bytes) -> int:
    """Return the number of lines up to the last one that is not blank, for any kind of line end."""
    body = content.rstrip(b"\r\n\t ")
    return body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n") + 1


def number(cell: str) -> float | None:
    """Return the number in `cell`, or None; unlike in Python, 1_000 and digits outside ASCII are not numbers."""
    text = cell.strip()
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def is_missing(cell: str) -> bool:
    """Whether `cell` stands for a missing number: empty, NA, null and the like."""
    return cell.strip().lower() in _MISSING


def is_title(cell: str) -> bool:
    """Whether `cell` is text as in a header: neither a number nor a missing one."""
    return number(cell) is None and not is_missing(cell)


def check_titles(titles: list[str], name: str) -> None:
    """Raise `InputError` if only column 1 lacks a title: it is then a row index, which would pass for data."""
    if not titles[0].strip() and any(title.strip() for title in titles):
        raise InputError(
            f"Column 1 of {name} has no name in the header line, so it seems to be a row index and not data; "
            "save the table without its index (pandas: index=False), or name that column."
        )


def check_width(row: int, width: int, first: int, name: str) -> None:
    """Raise `InputError` unless a row has as many cells as the first row."""
    if width != first:
        raise InputError(
            f"Row {row} of {name} has {width} cell{'s' * (width > 1)}, but row 1 has {first}; "
            "give every row the same number of cells."
        )


def not_a_number(where: str, cell: str, delimiter: str, remedy: str) -> InputError:
    """Return the error for a `cell` that is empty or text; `remedy` is in the imperative."""
    if not cell.strip():
        return InputError(f"{where} is empty; {remedy}.")
    if any(mark in cell for mark in ";,\t"):
        remedy = f"separate cells by {_SEPARATORS[delimiter]} and write decimals with a point"
    return InputError(f"{where} holds {excerpt(cell)}, which is not a number; {remedy}.")
