"""A table of triplets as a reader leaves it: its columns, and where in the file they stood."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, joined, listing, place_of_cell


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where the columns of a table are, for messages about its cells.

    - `name`: how messages call the file.
    - `positions`: of row ids, column ids, values and, perhaps, timestamps among all columns, from 0.
    - `titles`: those of all columns, if there are any.
    - `titled`: whether these stand in the first line of the file.
    """

    name: str
    positions: tuple[int, ...] = (0, 1, 2)
    titles: tuple[str, ...] = ()
    titled: bool = False

    def place(self, row: int, k: int) -> str:
        """Where the cell of the k-th column is that was asked for, in the row counted from 1 as in the file."""
        column = self.positions[k]
        return place_of_cell(row, column + 1, self.titles[column] if self.titles else "", self.name)

    def row(self, entry: int) -> int:
        """The row of the file, from 1 and the header included, that holds an entry counted from 0."""
        return entry + 1 + self.titled


@dataclasses.dataclass(frozen=True)
class EntryTable:
    """What was read: one row id, column id and value for every entry, and perhaps a timestamp.

    - `rows`, `columns`: the ids as they stand in the file: whole numbers, or text in an object array.
    - `values`: the values, finite or not.
    - `timestamps`: whole numbers, or None where there are none.
    - `layout`: where the columns were.

    Raises `ValueError` for a table without entries, and for columns of different lengths or other types.
    """

    rows: Shaped[np.ndarray, " entries"]
    columns: Shaped[np.ndarray, " entries"]
    values: Float64[np.ndarray, " entries"]
    timestamps: Int64[np.ndarray, " entries"] | None
    layout: Layout

    def __post_init__(self) -> None:
        columns = [self.rows, self.columns, self.values, *(() if self.timestamps is None else (self.timestamps,))]
        if len({column.shape for column in columns}) > 1 or not self.values.size:
            raise ValueError(f"its columns have {joined([str(column.size) for column in columns])} entries")
        if self.values.dtype != np.float64 or any(column.dtype != np.int64 for column in columns[3:]):
            raise ValueError(f"its columns have the types {joined([str(column.dtype) for column in columns])}")


def chosen_positions(
    titles: tuple[str, ...], width: int, columns: tuple[str, ...] | None, stamped: bool, name: str
) -> tuple[int, ...]:
    """Return the positions of row id, column id, value and, where there are any, timestamps.

    `columns` names them; None: the first three, and the fourth if it is titled timestamp or `stamped` says so.
    """
    if width < 3:
        raise InputError(
            f"{name} has {width} column{'s' * (width > 1)}; triplets take three: row id, column id, value."
        )
    stripped = [title.strip() for title in titles]
    if columns is None:
        stamped = width > 3 and (stamped or (bool(titles) and stripped[3].lower() == "timestamp"))
        return (0, 1, 2, 3) if stamped else (0, 1, 2)
    for column in columns:
        if stripped.count(column) != 1:
            found = listing([excerpt(title) for title in stripped])
            problem = "several columns" if column in stripped else "no column"
            raise InputError(
                f"{name} has {problem} {excerpt(column)}; choose among {found}, each title being there once."
            )
    return tuple(stripped.index(column) for column in columns)
