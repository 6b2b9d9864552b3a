"""What stands between the cells of a text."""

import collections
import csv
import itertools

from equipoise.datasets.readers.text.lines import split
from equipoise.datasets.readers.text.numerals import Numerals

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", "::": "double colons", " ": "blanks"}
_CANDIDATES = ("\t", ";", ",", "|", "::")
_LINES = 200
_PLAIN, _WITH_COMMA = Numerals(), Numerals(decimal=",")


def separator_of(text: str, preferred: str) -> str:
    """Return the separator of a text: the preferred one, unless another one splits it into more even numbers.

    A candidate fits if it splits all lines into as many cells, two or more; the first line may have one less, as in R.
    Of those that fit, the one wins whose cells hold the fewest lists of numbers, such as 1;2. Blanks come last.
    """
    sample = _sample(text)
    order = [preferred, *(mark for mark in _CANDIDATES if mark != preferred)]
    fitting = {mark: rows for mark in order if mark != " " and (rows := _even(sample, mark))}
    words = _even(sample, " ")
    if words and (not fitting or all(_lists(rows, mark) for mark, rows in fitting.items())):
        fitting[" "] = words
    if not fitting:
        return _closest(sample, preferred)
    return min(fitting, key=lambda mark: (_lists(fitting[mark], mark), order.index(mark) if mark in order else 99))


def _sample(text: str) -> str:
    """The first lines that are not blank."""
    position = 0
    lines: list[str] = []
    while position < len(text) and len(lines) < _LINES:
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if line.strip():
            lines.append(line)
        position = end + 1
    return "\n".join(lines)


def _even(sample: str, mark: str) -> list[list[str]]:
    """The cells of all lines if their number is the same, else nothing."""
    if mark not in sample and not (mark == " " and "\t" in sample):
        return []
    try:
        rows = [cells for cells in split(sample, mark) if cells]
    except csv.Error:
        return []
    if len(rows) > 2 and sample.count('"') % 2:
        rows = rows[:-1]  # the sample may end within a quoted cell
    widths = [len(cells) for cells in rows]
    if len(widths) > 1 and widths[0] == widths[1] - 1 and widths[0] >= 1:
        widths = widths[1:]
    return rows if widths and min(widths) == max(widths) > 1 else []


def _lists(rows: list[list[str]], mark: str) -> int:
    """How many cells are lists of numbers by another separator."""
    return sum(_is_list(cell, mark) for cells in rows for cell in cells)


def _is_list(cell: str, mark: str) -> bool:
    if _PLAIN.number(cell) is not None:
        return False
    for other in (*_CANDIDATES, " "):
        if other == mark or other not in cell or (other == "," and _WITH_COMMA.number(cell) is not None):
            continue
        parts = cell.split() if other == " " else cell.split(other)
        if len(parts) > 1 and all(
            _PLAIN.number(part) is not None or _WITH_COMMA.number(part) is not None for part in parts
        ):
            return True
    return False


def _closest(sample: str, preferred: str) -> str:
    """The separator of a text of uneven lines: the one that most lines have, and as often."""
    lines = [line for line in itertools.islice(sample.split("\n"), _LINES) if line]
    best, most = preferred, 0.0
    for mark in (preferred, *_CANDIDATES):
        counts = collections.Counter(line.count(mark) for line in lines)
        counts.pop(0, None)
        common = max(counts.values(), default=0) + (0.5 if mark == preferred else 0)
        if common > most and counts:
            best, most = mark, common
    if not any(mark in sample for mark in _CANDIDATES) and " " in sample.strip() and preferred != "::":
        return " "
    return best
