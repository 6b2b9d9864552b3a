"""Options of the readers of files, checked where they are given."""

import dataclasses
import difflib
from typing import Any, Literal, TypeAlias

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt

Duplicates: TypeAlias = Literal["error", "mean", "last", "sum"]
"""What to do with several values at one place."""

DUPLICATES = ("error", "mean", "last", "sum")
DECIMALS = (".", ",")
THOUSANDS = (",", ".", " ", "'", "_")


@dataclasses.dataclass(frozen=True)
class ReadOptions:
    """How to read a file. None, the default of most, lets the program find out by the content.

    - `separator`: what stands between the cells of a text: one character, "::", or "space" for runs of blanks. The
      words "comma", "semicolon", "tab" and "bar" are understood too.
    - `decimal`: the decimal mark of a text, "." or ",".
    - `thousands`: what groups digits by thousands in a text: ",", ".", " ", "'" or "_".
    - `missing_cells`: cells that stand for a missing number, beside the empty cell, NA, NaN, null, none, ?, - and the
      like.
    - `encoding`: the encoding of a text, such as "utf-8", "utf-16" or "latin-1".
    - `comment`: the characters that begin a comment in a text. By default lines that begin with # or % are comments.
    - `header`: whether the first line holds titles.
    - `labels`: whether the first column of a matrix holds the labels of its rows.
    - `columns`: the titles of row ids, column ids, values and, optionally, timestamps of a table of entries.
    - `weights`: the title of the weights of a table of entries; None for none.
    - `key`: the array to take from a file of several.
    - `layer`: the layer to take from an AnnData file; by default its matrix X.
    - `sheet`: the sheet to take from a spreadsheet, by name, or by number from 1; by default the only one.

    Raises `InputError` for a value that is none.
    """

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing_cells: tuple[str, ...] | None = None
    encoding: str | None = None
    comment: str | None = None
    header: bool | None = None
    labels: bool | None = None
    columns: tuple[str, ...] | None = None
    weights: str | None = None
    key: str | None = None
    layer: str | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "separator", _separator(self.separator))
        object.__setattr__(self, "columns", checked_columns(self.columns))
        object.__setattr__(self, "missing_cells", _words(self.missing_cells))
        _check_one_of("decimal", self.decimal, DECIMALS)
        _check_one_of("thousands", self.thousands, THOUSANDS)
        if self.decimal is not None and self.decimal == self.thousands:
            raise InputError(f"decimal= and thousands= are both {self.decimal!r}; give two different marks.")
        if self.comment is not None and not self.comment.strip():
            raise InputError("comment= is blank; give the characters that begin a comment, such as '#'.")
        if self.columns is not None and self.header is False:
            raise InputError(
                "columns= needs the titles in a header line, but header=False says there is none; drop one."
            )

    @property
    def titles(self) -> tuple[str, ...] | None:
        """The titles of all columns to read, if they are named."""
        if self.columns is None:
            return None
        return self.columns if self.weights is None else (*self.columns, self.weights)

    def given(self) -> dict[str, Any]:
        """The options that are not left to the program."""
        return {name: value for name, value in vars(self).items() if value is not None}


def read_options(given: dict[str, Any]) -> ReadOptions:
    """Return keyword arguments as options; raise `InputError` for a name that is none, with the nearest that is."""
    known = [field.name for field in dataclasses.fields(ReadOptions)]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            instead = f"did you mean {near[0]}=" if near else f"use one of {', '.join(known)}"
            raise InputError(f"There is no option {name}=; {instead}?" if near else f"There is no {name}=; {instead}.")
    columns, words = given.get("columns"), given.get("missing_cells")
    return ReadOptions(**{**given, "columns": checked_columns(columns), "missing_cells": _words(words)})


_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "pipe": "|", "space": " ", "\\t": "\t"}


def _separator(given: str | None) -> str | None:
    if given is None:
        return None
    found = _SEPARATORS.get(given.lower(), given)
    if not (len(found) == 1 or found == "::") or found in '"\r\n' or found.isalnum():
        near = difflib.get_close_matches(given.lower(), _SEPARATORS, 1, 0.5)
        instead = near[0] if near else "comma, semicolon, tab, bar, space"
        raise InputError(f"separator= is {excerpt(given)}; give one character, '::', or a word: {instead}.")
    return found


def _check_one_of(name: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise InputError(f"{name}= is {excerpt(value)}; it must be one of {' '.join(map(repr, allowed))}.")


def _words(given: Any) -> tuple[str, ...] | None:
    if given is None:
        return None
    words = (given,) if isinstance(given, str | int | float) else tuple(given)
    return tuple(str(word).strip() for word in words)


def checked_columns(columns: Any) -> tuple[str, ...] | None:
    """Return three or four titles, all different, as a tuple; None stays None; anything else raises `InputError`."""
    if columns is None:
        return None
    texts = isinstance(columns, tuple | list) and all(isinstance(column, str) for column in columns)
    if not texts or len(columns) not in (3, 4) or len(set(columns)) < len(columns):
        raise InputError(
            f"columns= is {excerpt(str(columns), 80)[1:-1]}; give the titles of the row ids, the column ids, the "
            "values and, if wanted, the timestamps, all different."
        )
    return tuple(columns)


def check_duplicates(duplicates: str) -> None:
    """Raise `InputError` unless `duplicates` is one of its options."""
    if duplicates not in DUPLICATES:
        near = difflib.get_close_matches(str(duplicates), DUPLICATES, 1, 0.5)
        said = f"; did you mean {near[0]!r}" if near else ""
        raise InputError(f"duplicates= is {duplicates!r}; it must be 'error', 'mean', 'last' or 'sum'{said}.")
