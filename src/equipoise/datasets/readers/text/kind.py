"""The decision whether a table in text holds triplets or the rows of a matrix."""

import itertools

from equipoise.datasets.formats import Format, Kind
from equipoise.datasets.readers.text import cells

_ROWS = 10_000


def kind_of_table(content: bytes, found: Format) -> Kind:
    """Triplets if there are 3 or 4 columns and no cell of the first 10 000 rows is missing, else a matrix.

    Content that is not a table counts as triplets; their reader then says what is wrong.
    """
    try:
        rows = [row for _, row in itertools.islice(cells.records(content, found.delimiter, ""), _ROWS)]
    except ValueError:  # not UTF-8, or impossible to split into cells
        return "triplets"
    if not rows:
        return "triplets"
    if len(rows[0]) not in (3, 4):
        return "matrix"
    return "matrix" if any(_is_missing(cell) for row in rows for cell in row) else "triplets"


def _is_missing(cell: str) -> bool:
    return cells.is_missing(cell) or cell.strip().lower() == "nan"
