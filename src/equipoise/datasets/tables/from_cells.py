"""From rows of typed cells, as in a spreadsheet, to a table."""

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped

from equipoise.datasets.options import ReadOptions
from equipoise.datasets.tables.ids import texts_of


def as_text(value: Any) -> str:
    """Return a cell as text: nothing for None, a date as ISO 8601, and a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value)


def trimmed(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the rows without blank cells at their ends and blank rows at the end, all of one length."""
    kept = [list(row) for row in rows]
    width = max((k + 1 for row in kept for k, cell in enumerate(row) if as_text(cell).strip()), default=0)
    while kept and not any(as_text(cell).strip() for cell in kept[-1]):
        kept.pop()
    return [(row + [None] * width)[:width] for row in kept]


def column_of_values(values: Sequence[Any]) -> Shaped[np.ndarray, " rows"] | None:
    """Return typed values as int64, float64 with NaN for None, or text; None if numbers and text are mixed."""
    texts = sum(isinstance(value, str | datetime.date | datetime.time) for value in values)
    gaps = sum(value is None or (isinstance(value, float) and np.isnan(value)) for value in values)
    if texts + gaps == len(values):
        return texts_of([as_text(value) for value in values])
    if texts:
        return None
    if not gaps and all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in values):
        return np.array([int(value) for value in values], dtype=np.int64)
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def header_given(options: ReadOptions) -> bool | None:
    """Whether the first row holds titles, as far as the options say."""
    return True if options.columns is not None else options.header
