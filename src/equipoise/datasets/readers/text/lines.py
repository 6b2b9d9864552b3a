"""The lines of a text and their cells, without comments."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from equipoise.core.errors import InputError
from equipoise.core.messages import reason

_AUTOMATIC = ("#", "%")
_ANNOUNCED = re.compile(r'"?sep=[^\n]"?\n')  # a line that Excel takes for the separator


class Lines(NamedTuple):
    """A text without its comments.

    - `text`: the lines that are left.
    - `first`: the number of the first one in the file, from 1.
    - `numbers`: the numbers of all lines left, if comments stood between them.
    - `last_comment`: the last comment before the first line, which may hold titles.
    """

    text: str
    first: int = 1
    numbers: Int64[np.ndarray, " lines"] | None = None
    last_comment: str = ""

    def number(self, row: int) -> int:
        """The number in the file of the row-th line that is left, from 1."""
        if self.numbers is None:
            return self.first + row - 1
        return int(self.numbers[row - 1]) if row <= self.numbers.size else int(self.numbers[-1]) + row


def without_comments(text: str, comment: str | None) -> Lines:
    """Drop lines that begin with `comment`, by default # or %, and with an explicit mark also what follows it."""
    marks = _AUTOMATIC if comment is None else (comment,)
    announced = _ANNOUNCED.match(text)
    if announced is not None:
        text = marks[0] + text
    if not any(mark in text for mark in marks):
        return Lines(text)
    lines = text.split("\n")
    top = list(itertools.takewhile(lambda line: line.lstrip().startswith(marks), lines))
    rest = lines[len(top) :]
    last = top[-1].lstrip().lstrip("".join(marks)).strip() if top else ""
    if comment is not None:
        kept = [(k, line.partition(comment)[0].rstrip() if comment in line else line) for k, line in enumerate(rest)]
        kept = [(k, line) for k, line in kept if line or comment not in rest[k]]
    elif any(line.lstrip().startswith(marks) for line in rest) and '"' not in text:
        kept = [(k, line) for k, line in enumerate(rest) if not line.lstrip().startswith(marks)]
    else:
        return Lines("\n".join(rest), len(top) + 1, None, last)
    numbers = np.array([k + len(top) + 1 for k, _ in kept] or [1], dtype=np.int64)
    return Lines("\n".join(line for _, line in kept), int(numbers[0]), numbers, last)


def records(lines: Lines, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (row in the file, cells), without blank lines at the end; raise `InputError` for any other blank line."""
    blank = row = 0
    reader = split(lines.text, separator)
    while True:
        row += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"Row {lines.number(row)} of {name} cannot be split into cells ({reason(error)}); correct its quotes."
            ) from error
        if cells is None:
            return
        if len(cells) <= 1 and not "".join(cells).strip():
            blank = blank or row
        elif blank:
            raise InputError(
                f"Row {lines.number(blank)} of {name} is blank, but rows follow it; delete the blank line."
            )
        else:
            yield lines.number(row), cells


_QUOTED_OR_WORD = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|\'([^\']*)\'(?=\s|$)|(\S+)')


def split(text: str, separator: str) -> Iterator[list[str]]:
    """Yield the cells of every line."""
    if separator == " ":
        return (_words(line) for line in text.splitlines())
    if len(separator) == 1:
        return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return (line.rstrip("\n").split(separator) for line in io.StringIO(text, newline="\n"))


def _words(line: str) -> list[str]:
    """The words of a line between runs of blanks; quotes hold blanks together."""
    if '"' not in line and "'" not in line:
        return line.split()
    return [
        match[1].replace('""', '"') if match[1] is not None else match[2] if match[2] is not None else match[3]
        for match in _QUOTED_OR_WORD.finditer(line)
    ]
