"""Data frames of pandas and polars, as they are in memory."""

from typing import Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.core.user_matrix import Missing, finite_matrix
from equipoise.datasets.entries.numbering import numbered
from equipoise.datasets.entries.triplets import Triplets
from equipoise.datasets.labelled import LabelledMatrix
from equipoise.datasets.options import Duplicates, check_duplicates, checked_columns
from equipoise.datasets.tables.from_cells import column_of_values
from equipoise.datasets.tables.ids import ids_of
from equipoise.datasets.tables.table import Table
from equipoise.datasets.tables.to_entries import entries_of
from equipoise.datasets.tables.to_matrix import matrix_of

_NAME = "The data frame"


def matrix_from_frame(frame: Any, *, missing: Missing = "error", labels: bool | None = None) -> LabelledMatrix:
    """Return the matrix of a data frame of pandas or polars, with its labels.

    - `frame`: the data frame, one column of numbers for each column of the matrix.
    - `missing`: whether NaN and null are an "error" (the default) or are "allowed" and become NaN.
    - `labels`: whether the first column holds the labels of the rows; None, the default, to find out. The index of a
      pandas frame holds them if it is more than a count from 0.

    Raises `InputError` for what is no data frame, and for a cell that is not a number.
    """
    found = matrix_of(_table(frame, with_index=True), missing, labels)
    return found._replace(matrix=finite_matrix(found.matrix, _NAME, missing))


def triplets_from_frame(frame: Any, *, columns: Any = None, duplicates: Duplicates = "error") -> Triplets:
    """Return the entries in a data frame of pandas or polars: one row each, with row id, column id and value.

    - `frame`: the data frame.
    - `columns`: the titles of row ids, column ids, values and, optionally, timestamps; by default the titles decide,
      and else the first three columns are taken.
    - `duplicates`: as in `read_triplets`.

    Raises `InputError` for what is no data frame or holds no such entries, and for ids of mixed types.
    """
    check_duplicates(duplicates)
    return numbered(entries_of(_table(frame, with_index=False), checked_columns(columns)), duplicates)


def _table(frame: Any, with_index: bool) -> Table:
    if not hasattr(frame, "columns") or not hasattr(frame, "__len__") or not hasattr(frame, "__getitem__"):
        raise InputError(f"{excerpt(type(frame).__name__)} is no data frame; give one of pandas or polars.")
    titles = [str(title) for title in frame.columns]
    if len(set(titles)) < len(titles):
        raise InputError(f"{_NAME} has several columns of one title; give each its own.")
    if not titles or not len(frame):
        raise InputError(f"{_NAME} is empty; give it rows and columns.")
    columns = [_column(frame[name], title) for name, title in zip(frame.columns, titles, strict=True)]
    index = getattr(frame, "index", None)
    if with_index and index is not None and type(index).__name__ != "RangeIndex":
        labels = ids_of([str(label) for label in index.tolist()])
        return Table(_NAME, (labels, *columns), (str(index.name or ""), *titles), labelled=True)
    return Table(_NAME, tuple(columns), tuple(titles))


def _column(series: Any, title: str) -> np.ndarray:
    """A column as int64, float64 or text."""
    kind = getattr(getattr(series, "dtype", None), "kind", "O")
    if kind in "biuf" and isinstance(getattr(series, "dtype", None), np.dtype):
        array = np.asarray(series)
        return (
            array.astype(np.int64)
            if kind in "bi" or (kind == "u" and (array < 2**63).all())
            else (array.astype(np.float64))
        )
    values = [_plain(value) for value in (series.to_list() if hasattr(series, "to_list") else list(series))]
    found = column_of_values(values)
    if found is None:
        raise InputError(f"Column {title!r} of the data frame mixes numbers and text; make it one or the other.")
    return found


def _plain(value: Any) -> Any:
    """A cell as a value of Python; what is missing becomes None."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str | bool | int | float) or hasattr(value, "isoformat"):
        return value
    return float(value) if hasattr(value, "__float__") else str(value)
