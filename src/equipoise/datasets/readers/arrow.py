"""Parquet and Feather, by pyarrow."""

import contextlib
import importlib
import json
from typing import Any

import numpy as np
from jaxtyping import Shaped

from equipoise.core.errors import InputError
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.tables.ids import texts_of
from equipoise.datasets.tables.table import Table
from equipoise.datasets.user_file import OpenFile


def read_parquet(file: OpenFile, options: ReadOptions) -> Table:
    """Return the columns of a Parquet stream; rows are counted from 1."""
    read = importlib.import_module("pyarrow.parquet").ParquetFile(file.stream).read()
    return table_of_arrow(read, file.name, options.titles)


def read_feather(file: OpenFile, options: ReadOptions) -> Table:
    """Return the columns of a Feather or Arrow stream; rows are counted from 1."""
    arrow = importlib.import_module("pyarrow")
    content = file.stream.read()
    if content.startswith((b"ARROW1", b"FEA1")):
        read = importlib.import_module("pyarrow.feather").read_table(arrow.BufferReader(content))
    else:
        read = importlib.import_module("pyarrow.ipc").open_stream(content).read_all()
    read.validate(full=True)
    return table_of_arrow(read, file.name, options.titles)


def table_of_arrow(read: Any, name: str, columns: tuple[str, ...] | None = None) -> Table:
    """Return an Arrow table as a table; the index of pandas comes first, as labels.

    Of a table of entries only the titled `columns` are converted. Raises `InputError` for a column of neither numbers
    nor text.
    """
    titles = [str(title) for title in read.schema.names]
    index = _index(read.schema.metadata or {}, titles)
    order = [*index, *(k for k in range(len(titles)) if k not in index)]
    if not order:
        raise InputError(f"{name} has no columns; add some.")
    if not read.num_rows:
        raise InputError(f"{name} has columns but no rows; add some.")
    if columns is not None and all(titles.count(column) == 1 for column in columns):
        order = [titles.index(column) for column in columns]
    shown = tuple("" if titles[k].startswith("__index_level_") else titles[k] for k in order)
    made = tuple(_column(read.column(k), titles[k], k, name) for k in order)
    return Table(name, made, shown, labelled=True if index and columns is None else None)


def _index(metadata: dict[bytes, bytes], titles: list[str]) -> list[int]:
    """The column that pandas wrote as the only index of a frame."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        named = json.loads(metadata[b"pandas"])["index_columns"]
        if len(named) == 1 and isinstance(named[0], str) and titles.count(named[0]) == 1:
            return [titles.index(named[0])]
    return []


def _column(column: Any, title: str, k: int, name: str) -> Shaped[np.ndarray, " rows"]:
    types = importlib.import_module("pyarrow").types
    kind = column.type
    if types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if types.is_boolean(kind) or types.is_integer(kind):
        if not column.null_count:
            numbers = column.to_numpy()
            return (
                numbers.astype(np.float64)
                if numbers.dtype == np.uint64 and (numbers > 2**63 - 1).any()
                else (numbers.astype(np.int64))
            )
        return (
            column.cast("float64", safe=False).to_numpy(zero_copy_only=False)
            if types.is_integer(kind)
            else (np.array([np.nan if cell is None else float(cell) for cell in column.to_pylist()]))
        )
    if types.is_floating(kind) or types.is_decimal(kind):
        return column.cast("float64", safe=False).to_numpy().astype(np.float64)
    if types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view":
        return texts_of(["" if cell is None else cell for cell in column.to_pylist()])
    if types.is_temporal(kind):
        return texts_of(["" if cell is None else cell.isoformat() for cell in column.to_pylist()])
    if types.is_null(kind):
        return texts_of([""] * len(column))
    raise InputError(f"Column {k + 1} ({title!r}) of {name} has the type {kind}; convert it to numbers or text.")
