"""Matrices in text, .csv and .tsv: a C reader for clean files, and a slow reader that locates errors in others."""

import numpy as np
from jaxtyping import Float64

from equipoise.core.errors import InputError
from equipoise.core.messages import place_of_cell
from equipoise.datasets.options import MatrixOptions
from equipoise.datasets.readers.text import cells
from equipoise.datasets.user_file import OpenFile

_REMEDY = "write a number there, or leave out its row or column"


def read_text_matrix(file: OpenFile, options: MatrixOptions) -> Float64[np.ndarray, "rows columns"]:
    """Return the matrix of a UTF-8 table whose cells are separated by the delimiter of the format.

    Without `header=`, the first line names the columns if one of its cells is text. Cells that are empty, NA, null or
    the like become NaN if missing entries are allowed. Raises `InputError` with the place of the first thing that does
    not fit full rows of numbers; rows are counted as in the file, from 1, including the header.
    """
    content, name, delimiter = file.stream.read(), file.name, file.format.delimiter
    cells.check_utf8(content, name)
    _, first = next(cells.records(content, delimiter, name), (0, []))
    if not first:
        raise InputError(f"{name} is empty; give it one line of numbers for every row of the matrix.")
    titled = any(cells.is_title(cell) for cell in first) if options.header is None else options.header
    if titled:
        cells.check_titles(first, name)
    matrix = _read_fast(content, delimiter, titled, (cells.count_lines(content) - titled, len(first)))
    return _read_slowly(content, delimiter, titled, name, options.missing) if matrix is None else matrix


def _read_fast(content: bytes, delimiter: str, titled: bool, shape: tuple[int, int]) -> np.ndarray | None:
    """Return the matrix as read by NumPy's C reader if it has the expected `shape`, else None."""
    if shape[0] < 1:
        return None
    try:
        matrix = np.loadtxt(cells.as_text(content), delimiter=delimiter, comments=None, skiprows=int(titled), ndmin=2)
    except ValueError:
        return None
    return matrix if matrix.shape == shape else None


def _read_slowly(content: bytes, delimiter: str, titled: bool, name: str, missing: str) -> np.ndarray:
    """Return the matrix, read cell by cell, quotes included; an error names its place."""
    records = cells.records(content, delimiter, name)
    titles = next(records)[1] if titled else []
    width = len(titles)
    rows = []
    for row, record in records:
        width = width or len(record)
        cells.check_width(row, len(record), width, name)
        values = [_value(cell, missing) for cell in record]
        if None in values:
            column = values.index(None)
            where = place_of_cell(row, column + 1, titles[column] if titles else "", name)
            raise cells.not_a_number(where, record[column], delimiter, _REMEDY)
        rows.append(np.array(values, dtype=np.float64))
    if not rows:
        raise InputError(f"{name} holds a header line and no numbers below it; add the rows of the matrix.")
    return np.stack(rows)


def _value(cell: str, missing: str) -> float | None:
    return np.nan if missing == "allowed" and cells.is_missing(cell) else cells.number(cell)
