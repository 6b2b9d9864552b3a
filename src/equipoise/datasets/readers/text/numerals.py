"""How numbers are written in a table: the decimal mark, and the mark between thousands."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.datasets.tables.table import plain_number

_MISSING = frozenset(
    [
        "na",
        "n/a",
        "nan",
        "null",
        "none",
        "?",
        "-",
        ".",
        "#n/a",
        "#na",
        "<na>",
        "#null!",
        "---",
        "n.a.",
        "-nan",
        "--",
        "nil",
        "missing",
    ]
) | {""}
_GROUPED = {
    mark: re.compile(rf"[-+]?[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+(?:[{rest}][0-9]*)?(?:[eE][-+]?[0-9]+)?")
    for mark, rest in ((",", "."), (".", ","), (" ", ".,"), ("\xa0", ".,"), ("\u202f", ".,"), ("'", ".,"), ("_", ".,"))
}
_POINT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+(?:[eE][-+]?[0-9]+)?")
_BLANKS = ("\xa0", "\u202f")


class Numerals(NamedTuple):
    """How numbers are written.

    - `decimal`: the decimal mark.
    - `thousands`: the mark between thousands, or nothing.
    - `missing`: further cells that stand for a missing number, in lower case.
    """

    decimal: str = "."
    thousands: str = ""
    missing: frozenset[str] = frozenset()

    def number(self, cell: str) -> float | None:
        """Return the number in a cell, or None; unlike in Python, 1_000 and digits outside ASCII are none."""
        text = cell.strip()
        if self.thousands and any(mark in text for mark in self._marks):
            mark = next(mark for mark in self._marks if mark in text)
            if not _GROUPED[mark].fullmatch(text):
                return None
            text = text.replace(mark, "")
        if self.decimal == ",":
            if "." in text:
                return None
            text = text.replace(",", ".", 1)
        return plain_number(text)

    @property
    def _marks(self) -> tuple[str, ...]:
        return (" ", *_BLANKS) if self.thousands == " " else (self.thousands,)

    def is_missing(self, cell: str) -> bool:
        """Whether a cell stands for a missing number: empty, NA, null and the like, or one of the user's own."""
        text = cell.strip().lower()
        return text in _MISSING or text in self.missing or (bool(self.missing) and self._equals_missing(text))

    def _equals_missing(self, text: str) -> bool:
        number = self.number(text)
        return number is not None and any(self.number(word) == number for word in self.missing)

    def is_title(self, cell: str) -> bool:
        """Whether a cell is text as in a header: neither a number nor a missing one."""
        return self.number(cell) is None and not self.is_missing(cell)


def numerals_of(
    cells: Iterable[str],
    name: str,
    decimal: str | None = None,
    thousands: str | None = None,
    missing: tuple[str, ...] | None = None,
) -> Numerals:
    """Return how the numbers among some cells are written; raise `InputError` if both readings of a comma remain."""
    words = frozenset(word.lower() for word in missing or ())
    if decimal is not None or thousands is not None:
        comma = "." if thousands == "," else ","
        return Numerals(decimal or (comma if thousands == "." else "."), thousands or "", words)
    found = _evidence(cells)
    with_comma = [found[way] for way in ("comma", "dots", "blanks, comma") if way in found]
    decimal = "," if with_comma else "."
    if "commas" in found and with_comma:
        raise InputError(
            f"{name} writes {excerpt(with_comma[0])} with a decimal comma and "
            f"{excerpt(found['commas'])} with commas between thousands; write all numbers alike."
        )
    if "either" in found and decimal == "." and not found.keys() & {"commas", "point"}:
        shown = found["either"]
        raise InputError(
            f"{name} holds {excerpt(shown)}, which is {shown.replace(',', '.')} with a decimal comma and "
            f"{shown.replace(',', '')} with commas between thousands; pass decimal=',' or thousands=','."
        )
    groups = ","
    if decimal == ",":
        groups = "." if found.keys() & {"dots", "point groups"} else ""
    elif not found.keys() & {"commas", "either"}:
        groups = ""
    blanks = " " if found.keys() & {"blank", "blanks, comma"} else ""
    return Numerals(decimal, groups or blanks or ("'" if "'" in found else ""), words)


def _evidence(cells: Iterable[str]) -> dict[str, str]:
    """The first cell of each way of writing that tells something, by the name of the way."""
    found: dict[str, str] = {}
    for cell in cells:
        text = cell.strip()
        way = _way(text) if text[:1].isdigit() or text[:1] in "-+,." else ""
        if way and way not in found:
            found[way] = text
    return found


def _way(text: str) -> str:
    """How a number is written: what its commas, points and blanks tell."""
    if text.isdigit():
        return ""
    if _GROUPED[","].fullmatch(text) and text.lstrip("+-")[0] != "0":
        return "commas" if "." in text or text.count(",") > 1 else "either"
    if _COMMA.fullmatch(text):
        return "comma"
    if _GROUPED["."].fullmatch(text) and ("," in text or text.count(".") > 1):
        return "dots"
    if _POINT.fullmatch(text) and "." in text:
        return "point groups" if _GROUPED["."].fullmatch(text) else "point"
    if any(_GROUPED[mark].fullmatch(text) for mark in (" ", *_BLANKS)):
        return "blanks, comma" if "," in text else "blank"
    if _GROUPED["'"].fullmatch(text):
        return "'"
    return ""
