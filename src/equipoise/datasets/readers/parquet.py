"""Triplets in Parquet, by pyarrow."""

import importlib
from typing import Any

import numpy as np
from jaxtyping import Shaped

from equipoise.core.errors import InputError
from equipoise.datasets.entries.table import EntryTable, Layout, chosen_positions
from equipoise.datasets.options import TripletOptions
from equipoise.datasets.user_file import OpenFile


def read_parquet(file: OpenFile, options: TripletOptions) -> EntryTable:
    """Return the columns of a Parquet stream; ids are whole numbers or text, rows are counted from 1.

    Raises `InputError` with the place of the first null, or the column of a wrong type.
    """
    table = importlib.import_module("pyarrow.parquet").ParquetFile(file.stream)
    titles = tuple(table.schema_arrow.names)
    positions = chosen_positions(titles, len(titles), options.columns, False, file.name)
    layout = Layout(file.name, positions, titles)
    names = [titles[position] for position in positions]
    chosen = table.read(columns=names)
    if not chosen.num_rows:
        raise InputError(f"{file.name} has columns but no rows; add a row for every entry.")
    read = [_column(chosen.column(title), k, layout) for k, title in enumerate(names)]
    return EntryTable(read[0], read[1], read[2], read[3] if len(read) > 3 else None, layout)


def _column(column: Any, k: int, layout: Layout) -> Shaped[np.ndarray, " entries"]:
    if column.null_count:
        row = int(np.argmax(column.is_null().to_numpy()))
        raise InputError(f"{layout.place(row + 1, k)} is empty; fill it in, or drop the row.")
    array = np.asarray(column.to_pylist() if str(column.type).startswith("dictionary") else column.to_numpy())
    if k == 2 and array.dtype.kind in "iuf":
        return array.astype(np.float64)
    if k != 2 and array.dtype.kind in "iu" and (array <= np.iinfo(np.int64).max).all():
        return array.astype(np.int64)
    if k < 2 and all(isinstance(identity, str) for identity in array.tolist()):
        texts = np.empty(array.size, dtype=object)
        texts[:] = array.tolist()
        return texts
    wanted = ("whole numbers or text", "whole numbers or text", "numbers", "whole numbers")[k]
    where = f"Column {layout.positions[k] + 1} ({layout.titles[layout.positions[k]]!r}) of {layout.name}"
    raise InputError(f"{where} has the type {column.type}; convert it to {wanted}.")
