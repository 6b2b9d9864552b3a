"""From the columns of a table to triplets: ids are numbered, duplicates settled."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, listing
from equipoise.datasets import tables
from equipoise.datasets.triplets import Triplets, repetition, shown_id

DUPLICATES = ("error", "mean", "last")


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where the columns of a table are: 0-based positions, the fourth for timestamps, and the titles if there are any.

    `name` is the file's in messages.
    """

    name: str
    positions: tuple[int, ...]
    titles: tuple[str, ...] = ()
    titled: bool = False

    def place(self, row: int, k: int) -> str:
        """Where the cell of the k-th column is that was asked for, in the row counted from 1 as in the file."""
        column = self.positions[k]
        return tables.place(row, column + 1, self.titles[column] if self.titles else "", self.name)

    def row(self, entry: int) -> int:
        """The row of the file, from 1 and the header included, that holds an entry counted from 0."""
        return entry + 1 + self.titled


@dataclasses.dataclass(frozen=True)
class Columns:
    """What was read: ids as they are (int64, or text in an object array), values and, perhaps, timestamps."""

    rows: Shaped[np.ndarray, " entries"]
    columns: Shaped[np.ndarray, " entries"]
    values: Float64[np.ndarray, " entries"]
    timestamps: Int64[np.ndarray, " entries"] | None


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


def check_columns(columns: Any) -> None:
    """Raise `InputError` unless `columns` is None or three or four titles, all different."""
    if columns is None:
        return
    texts = isinstance(columns, tuple | list) and all(isinstance(column, str) for column in columns)
    if not texts or len(columns) not in (3, 4) or len(set(columns)) < len(columns):
        raise InputError(
            f"columns is {excerpt(str(columns), 80)[1:-1]}; give the titles of the row ids, the column ids, the values "
            "and, if wanted, the timestamps, all different."
        )


def assemble(read: Columns, layout: Layout, duplicates: str) -> Triplets:
    """Return the triplets of what was read; `InputError` for values that are not finite and, by policy, duplicates."""
    sound = np.isfinite(read.values)
    if not sound.all():
        k = int(np.argmin(sound))
        raise InputError(
            f"{layout.place(layout.row(k), 2)} holds {read.values[k]}, which is not finite; "
            "write a finite number there, or delete the row."
        )
    row_ids, rows = _numbered(read.rows)
    column_ids, columns = _numbered(read.columns)
    again = repetition(rows, columns)
    if again is None:
        return Triplets(rows, columns, read.values, row_ids, column_ids, read.timestamps, layout.name)
    if duplicates == "error":
        first, second = again
        where = f"row id {shown_id(read.rows[first])} and column id {shown_id(read.columns[first])}"
        raise InputError(
            f"Rows {layout.row(first)} and {layout.row(second)} of {layout.name} both give a value for {where}; "
            "delete one, or settle it by duplicates='mean' or 'last'."
        )
    kept, values = _settled(rows * column_ids.size + columns, read.values, duplicates)
    stamps = None if read.timestamps is None else read.timestamps[kept]
    return Triplets(rows[kept], columns[kept], values, row_ids, column_ids, stamps, layout.name)


def _numbered(ids: Shaped[np.ndarray, " entries"]) -> tuple[np.ndarray, Int64[np.ndarray, " entries"]]:
    """Return the different ids in order, and the number of each entry's."""
    different, indices = np.unique(ids, return_inverse=True)
    return different, indices.astype(np.int64)


def _settled(
    places: Int64[np.ndarray, " entries"], values: Float64[np.ndarray, " entries"], duplicates: str
) -> tuple[Int64[np.ndarray, " kept"], Float64[np.ndarray, " kept"]]:
    """Return the last entry at every place, in file order, and its value or the mean of all values there."""
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    ends = np.append(starts[1:], order.size)
    last = order[ends - 1]
    sequence = np.argsort(last)
    if duplicates == "last":
        return last[sequence], values[last][sequence]
    shares = values[order] / np.repeat(ends - starts, ends - starts)  # divided first: sums may overflow
    return last[sequence], np.add.reduceat(shares, starts)[sequence]
