"""Whether the first line of a table holds titles, and whether its first column surely holds labels."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from equipoise.core.errors import InputError
from equipoise.core.messages import listing
from equipoise.datasets.readers.text.numerals import Numerals
from equipoise.datasets.tables.ids import whole
from equipoise.datasets.tables.titles import names_labels


class Header(NamedTuple):
    """What the first line is.

    - `titles`: a title for each column, or nothing.
    - `in_first_line`: whether they stand in the first line, which then is no data.
    - `labelled`: whether the first column surely holds labels, or None if that is not known.
    """

    titles: tuple[str, ...] = ()
    in_first_line: bool = False
    labelled: bool | None = None


def header_of(rows: Sequence[Sequence[str]], numerals: Numerals, header: bool | None, name: str) -> Header:
    """Return what the first of some rows is.

    - `rows`: the first rows of the table, one or more.
    - `numerals`: how numbers are written.
    - `header`: whether the first line holds titles; None to find out.
    - `name`: the file, for messages.

    Raises `InputError` if a first line of numbers can be titles or data.
    """
    first, body = rows[0], rows[1:]
    if header is False:
        return Header()
    if body and all(len(cells) == len(first) + 1 for cells in body) and (header or _short(first, body, numerals)):
        return Header(("", *first), True, True)
    blank = _is_blank(first[0]) and len(first) > 1
    even = [cells for cells in body if len(cells) == len(first)]
    if header is None and not _is_header(first, even, numerals, blank, name):
        return Header()
    labelled = True if blank and any(cell.strip() for cell in first[1:]) else None
    return Header(("" if labelled else first[0], *first[1:]), True, labelled)


def _is_blank(cell: str) -> bool:
    return not cell.strip() or cell.strip() == "Unnamed: 0"


def _short(first: Sequence[str], body: Sequence[Sequence[str]], numerals: Numerals) -> bool:
    """Whether a first line with one cell less has titles, as R writes them."""
    labels = all(numerals.is_title(cells[0]) for cells in body)
    return labels or all(numerals.is_title(cell) for cell in first)


def _is_header(first: Sequence[str], body: Sequence[Sequence[str]], numerals: Numerals, blank: bool, name: str) -> bool:
    if not body:
        return all(numerals.number(cell) is None for cell in first) and any(map(numerals.is_title, first))
    numeric = [_is_numeric([cells[k] for cells in body], numerals) for k in range(len(first))]
    if any(is_number and numerals.is_title(first[k]) for k, is_number in enumerate(numeric)):
        return True
    if not any(numeric):  # nothing but text below: words on top are titles if something is a number or a gap there
        return all(map(numerals.is_title, first)) and any(
            not numerals.is_title(cell) for cells in body for cell in cells
        )
    return _numbers_as_titles(first, body, numerals, blank, name)


def _is_numeric(cells: Sequence[str], numerals: Numerals) -> bool:
    """Whether a column is one of numbers, with few exceptions."""
    numbers = sum(numerals.number(cell) is not None for cell in cells)
    texts = sum(numerals.is_title(cell) for cell in cells)
    return numbers > 0 and 2 * texts <= numbers


def _numbers_as_titles(
    first: Sequence[str], body: Sequence[Sequence[str]], numerals: Numerals, blank: bool, name: str
) -> bool:
    """Whether whole numbers in the first line are titles, such as years, film ids or 0, 1, 2.

    They are if they increase in even steps, and if the table shows in another way that the line is none of data: the
    corner is blank or named, or most columns below are written otherwise, with decimals or gaps.
    """
    corner = blank or numerals.is_title(first[0])
    if corner and all(numerals.is_title(cells[0]) for cells in body):
        words = itertools.takewhile(lambda k: k == 0 or numerals.is_title(first[k]), range(len(first)))
        rest = first[len(list(words)) :]
        return _increase(rest) and (blank or names_labels(first[0]) or _years(rest))
    if corner:
        labels = [cells[0] for cells in body]
        return len(first) > 2 and _increase(first[1:]) and len(body) > 1 and _increase(labels)
    if not _is_run(first) or any(_is_run(cells) and _years(cells) == _years(first) for cells in body):
        return False
    otherwise = sum(any(whole(cells[k].strip()) is None for cells in body) for k in range(len(first)))
    if 2 * otherwise > len(first):
        return True
    if otherwise or not (_years(first) or len(first) > 4):
        return False
    raise InputError(
        f"The first line of {name} ({listing([cell.strip() for cell in first], 3)}) can hold titles or numbers of the "
        "matrix; pass header=True or header=False."
    )


def _increase(cells: Sequence[str]) -> bool:
    """Whether all cells are whole numbers, each greater than the one before."""
    numbers = _whole_numbers(cells)
    return bool(numbers) and all(a < b for a, b in itertools.pairwise(numbers))


def _is_run(cells: Sequence[str]) -> bool:
    """Whether all cells are whole numbers in steps of one, three or more of them; two are enough for years."""
    numbers = _whole_numbers(cells)
    if len(numbers) < 2 or (len(numbers) == 2 and not _years(cells)):
        return False
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    return steps == {1} or (len(steps) == 1 and min(steps) > 0 and _years(cells))


def _whole_numbers(cells: Sequence[str]) -> list[int]:
    """The cells as whole numbers; empty if one of them is none."""
    numbers = [number for cell in cells if (number := whole(cell.strip())) is not None]
    return numbers if len(numbers) == len(cells) else []


def _years(cells: Sequence[str]) -> bool:
    numbers = [whole(cell.strip()) for cell in cells]
    return all(number is not None and 1700 <= number <= 2200 for number in numbers)
