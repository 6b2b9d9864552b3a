"""The quick reader of clean tables in text: pandas' parser in C, after a check that every line has all its cells."""

import importlib
import io
import re

import numpy as np
from jaxtyping import Shaped

from equipoise.datasets.readers.text.header import Header
from equipoise.datasets.readers.text.lines import Lines
from equipoise.datasets.readers.text.numerals import Numerals
from equipoise.datasets.readers.text.slow import column_of
from equipoise.datasets.tables.ids import texts_of

# Cells that are no plain whole numbers although the parser would read one: +7, 007, -0.
_ODD = re.compile(rb"(?:^|[\n,;\t| ])(?:\+|-0(?![.,0-9])|-?0[0-9])")
_FEW = 40  # rows, which the slow reader takes in no time
_MISSING = ["", "NA", "na", "N/A", "n/a", "NaN", "nan", "null", "NULL", "none", "None", "?", "-", "."]


def read_fast(
    lines: Lines, separator: str, numerals: Numerals, header: Header, sample: list[tuple[int, list[str]]]
) -> tuple[Shaped[np.ndarray, " rows"], ...] | None:
    """Return the columns of a table without quotes, whose types are those of its first lines; None for any other."""
    body = [cells for _, cells in sample[header.in_first_line :]]
    width = len(header.titles) or len(sample[0][1])
    if numerals.thousands or numerals.missing or len(body) < _FEW or any(len(cells) != width for cells in body):
        return None
    text = lines.text.rstrip("\n\t ")
    if '"' in text or (separator == " " and "'" in text) or _is_exotic(text):
        return None
    if separator == "::":
        if "\t" in text or ":::" in text:
            return None
        text, separator = text.replace("::", "\t"), "\t"
    content = text.encode()
    if header.in_first_line:
        content = content[content.index(b"\n") + 1 :]
    if len(separator) > 1 or len(separator.encode()) > 1 or not _is_regular(content, separator.encode(), width):
        return None
    types = [column_of([cells[k] for cells in body], numerals).dtype for k in range(width)]
    whole_columns = [k for k, kind in enumerate(types) if kind.kind == "i"]
    if whole_columns and _has_odd(content, separator.encode(), width, whole_columns):
        return None
    return _parsed(content, separator, numerals.decimal, types)


_CONTROLS = "\r\f\v\x00\x1c\x1d\x1e\x1f"
_BREAKS = "\x85\xa0\u2028\u2029"


def _is_exotic(text: str) -> bool:
    """Whether a text has blanks and line ends that the parsers understand in their own ways."""
    return any(letter in text for letter in _CONTROLS + ("" if text.isascii() else _BREAKS))


def _has_odd(content: bytes, separator: bytes, width: int, columns: list[int]) -> bool:
    """Whether a cell of these columns is no plain whole number although the parser would read one."""
    letters = np.frombuffer(content + b"\n  ", dtype=np.uint8)
    starts = np.flatnonzero((letters == separator[0]) | (letters == ord("\n"))) + 1
    starts = np.concatenate([[0], starts[:-1]])
    if separator == b" " or (letters[starts] == ord(" ")).any():
        return _ODD.search(content) is not None
    starts = starts.reshape(-1, width)[:, columns].ravel()
    first, second, third = letters[starts], letters[starts + 1], letters[starts + 2]
    digits = _is_digit(second)
    minus = (first == ord("-")) & (second == ord("0")) & (third != ord("."))
    return bool(((first == ord("+")) | minus | ((first == ord("0")) & digits)).any())


def _is_digit(letters: np.ndarray) -> np.ndarray:
    return (letters >= ord("0")) & (letters <= ord("9"))


def _parsed(
    content: bytes, separator: str, decimal: str, types: list[np.dtype]
) -> tuple[Shaped[np.ndarray, " rows"], ...] | None:
    pandas = importlib.import_module("pandas")
    try:
        frame = pandas.read_csv(
            io.BytesIO(content),
            sep=r"\s+" if separator == " " else separator,
            decimal=decimal,
            header=None,
            names=list(range(len(types))),
            index_col=False,
            dtype=dict(enumerate(object if kind.kind == "O" else kind for kind in types)),
            na_values={k: _MISSING for k, kind in enumerate(types) if kind.kind == "f"},
            keep_default_na=False,
            float_precision="round_trip",
            skip_blank_lines=False,
            quoting=3,
            low_memory=False,
            engine="c",
        )
    except (ValueError, OverflowError, TypeError):
        return None
    if len(frame) != content.count(b"\n") + 1:
        return None
    columns = tuple(
        texts_of(frame[k].tolist()) if kind.kind == "O" else np.ascontiguousarray(frame[k].to_numpy())
        for k, kind in enumerate(types)
    )
    texts = all(isinstance(cell, str) for column in columns if column.dtype.kind == "O" for cell in column.tolist())
    return columns if texts else None


def _is_regular(body: bytes, separator: bytes, width: int) -> bool:
    """Whether every line has as many cells as there are columns."""
    letters = np.frombuffer(body, dtype=np.uint8)
    line_ends = np.flatnonzero(letters == ord("\n"))
    if separator == b" ":
        blank = (letters == ord(" ")) | (letters == ord("\t")) | (letters == ord("\n"))
        starts = np.flatnonzero(~blank & np.concatenate([[True], blank[:-1]]))
        marks, expected = starts, width
    else:
        marks, expected = np.flatnonzero(letters == separator[0]), width - 1
    counts = np.diff(np.searchsorted(marks, np.append(line_ends, letters.size)), prepend=0)
    return bool((counts == expected).all())
