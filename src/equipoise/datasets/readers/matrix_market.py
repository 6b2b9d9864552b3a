"""Matrix Market files, .mtx, by scipy's fast reader and a check of every line, because that reader is lenient.

For example it reads 3,5 as 3, and 1D5 as 1, and 3.7 as 3 if the header says integer. Format:
https://math.nist.gov/MatrixMarket/formats.html
"""

import io
import re
from typing import Any

import numpy as np
import scipy.io

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.core.user_matrix import check_layout
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.user_file import OpenFile

_HEAD = re.compile(rb"%%MatrixMarket[^\n]*\n(?:[ \t\r]*+(?:%[^\n]*+)?+\n)*+[^\n]*\n", re.IGNORECASE)
_INDEX = rb"[0-9]++"
_VALUES = {
    "real": rb"-?+(?:(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:e[+-]?+[0-9]++)?+|nan|inf(?:inity)?+)",
    "integer": rb"-?+[0-9]++",
    "unsigned-integer": rb"[0-9]++",
    "pattern": rb"",
}


def read_matrix_market(file: OpenFile, options: ReadOptions) -> Any:
    """Return the matrix of a Matrix Market file: an array, or a coo_array with duplicates.

    Every symmetry is expanded, and patterns become ones. Raises `InputError` for complex numbers, for a shape without
    entries (which crashes scipy's reader), for a symmetric matrix that is not square or that lists both triangles, and
    for the first line that does not fit the header.
    """
    del options  # none of them applies to this format
    content, name = file.stream.read(), file.name
    if not content.endswith(b"\n"):
        content += b"\n"
    head = _HEAD.match(content)
    if head is None:
        raise InputError(
            f"{name} does not begin with a Matrix Market header; "
            "write it with scipy.io.mmwrite or correct its extension."
        )
    if not head[0].isascii():  # comments in old encodings, which scipy's reader refuses
        content = re.sub(rb"[^\x00-\x7f]", b"?", head[0]) + content[head.end() :]
    rows, columns, entries, layout, field, symmetry = scipy.io.mminfo(io.BytesIO(content))
    check_layout((rows, columns), np.dtype(complex if field == "complex" else float), name)
    if symmetry != "general" and rows != columns:
        raise InputError(f"{name} is {symmetry} by its header but {rows} by {columns}; correct its header.")
    _check_lines(content, head.end(), layout, field, name)
    matrix = scipy.io.mmread(io.BytesIO(content), spmatrix=False)
    if symmetry != "general" and layout == "coordinate":
        _check_one_triangle(matrix.row[:entries], matrix.col[:entries], symmetry, name)
    return matrix


def _check_lines(content: bytes, start: int, layout: str, field: str, name: str) -> None:
    """Raise `InputError` at the first line that is not exactly 'row column value' or, in a dense matrix, 'value'."""
    parts = [_VALUES[field]] if layout == "array" else [_INDEX, _INDEX, _VALUES[field]]
    line = rb"[ \t]++".join(part for part in parts if part)
    lines = re.compile(rb"(?:[ \t]*+(?:" + line + rb")?+[ \t\r]*+\n)*+", re.IGNORECASE)
    end = lines.match(content, start).end()  # type: ignore[union-attr]
    if end < len(content):
        text = content[end : content.index(b"\n", end)].decode("utf-8", "replace").strip()
        wanted = "row and column" if field == "pattern" else f"row, column and {field} value"
        wanted = f"one {field} value" if layout == "array" else wanted
        number = content.count(b"\n", 0, end) + 1
        raise InputError(f"Line {number} of {name} holds {excerpt(text)}, not {wanted}; correct it or the header.")


def _check_one_triangle(row: np.ndarray, column: np.ndarray, symmetry: str, name: str) -> None:
    if np.any(row < column) and np.any(row > column):
        raise InputError(
            f"{name} is {symmetry} by its header but lists entries on both sides of the diagonal, which "
            "would count twice; keep those below it or write 'general' in the header."
        )
