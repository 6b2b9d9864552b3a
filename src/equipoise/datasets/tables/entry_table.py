"""A table of triplets as a reader returns it: its columns, and their places in the file."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from equipoise.core.messages import joined, place_of_cell


@dataclasses.dataclass(frozen=True)
class Layout:
    """The places of the columns of a table, for messages about its cells.

    - `name`: the name of the file for messages.
    - `positions`: the positions of row ids, column ids, values and, optionally, timestamps among all columns, from 0.
    - `titles`: the titles of all columns, if there are any.
    - `rows`: the row of the file, from 1, of each entry; or that of the first one, if they follow each other.
    """

    name: str
    positions: tuple[int, ...] = (0, 1, 2)
    titles: tuple[str, ...] = ()
    rows: Shaped[np.ndarray, " entries"] | int = 1

    def place(self, row: int, k: int) -> str:
        """The place of a cell in words: that of the k-th chosen column in `row`, counted from 1 as in the file."""
        column = self.positions[k]
        return place_of_cell(row, column + 1, self.titles[column] if self.titles else "", self.name)

    def row(self, entry: int) -> int:
        """The row of the file, from 1 including the header, that holds an entry counted from 0."""
        return entry + self.rows if isinstance(self.rows, int) else int(self.rows[entry])


@dataclasses.dataclass(frozen=True)
class EntryTable:
    """The columns read from a file: one row id, column id and value per entry, and optionally a timestamp.

    - `rows`, `columns`: the ids as in the file: whole numbers, or text in an object array.
    - `values`: the values, finite or not.
    - `timestamps`: whole numbers, or None if there are none.
    - `layout`: the places of the columns in the file.
    - `weights`: one positive number per entry, or None if there are none.

    Raises `ValueError` for a table without entries, and for columns of different lengths or wrong types.
    """

    rows: Shaped[np.ndarray, " entries"]
    columns: Shaped[np.ndarray, " entries"]
    values: Float64[np.ndarray, " entries"]
    timestamps: Int64[np.ndarray, " entries"] | None
    layout: Layout
    weights: Float64[np.ndarray, " entries"] | None = None

    def __post_init__(self) -> None:
        columns = [self.rows, self.columns, self.values, *(() if self.timestamps is None else (self.timestamps,))]
        if len({column.shape for column in columns}) > 1 or not self.values.size:
            raise ValueError(f"its columns have {joined([str(column.size) for column in columns])} entries")
        if self.values.dtype != np.float64 or any(column.dtype != np.int64 for column in columns[3:]):
            raise ValueError(f"its columns have the types {joined([str(column.dtype) for column in columns])}")
