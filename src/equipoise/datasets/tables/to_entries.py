"""From a table to entries: which columns hold ids, values and times, and what is wrong with a cell."""

import contextlib

import numpy as np
from jaxtyping import Float64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, listing
from equipoise.datasets.tables.entry_table import EntryTable, Layout
from equipoise.datasets.tables.ids import ids_of
from equipoise.datasets.tables.kind import by_titles, looks_like_times
from equipoise.datasets.tables.table import Table
from equipoise.datasets.tables.times import timestamps_of
from equipoise.datasets.tables.to_matrix import empty_or_word, not_a_number

_PARTS = ("the row ids", "the column ids", "the values", "the times")
_REMEDY = "write a number there, or delete the row"


def entries_of(table: Table, columns: tuple[str, ...] | None, weights: str | None = None) -> EntryTable:
    """Return the entries of a table.

    - `table`: the table.
    - `columns`: the titles of row ids, column ids, values and, optionally, timestamps. By default the titles decide;
      if they do not, the first three columns are taken.
    - `weights`: the title of the weights; None, the default, for none.

    Ids are int64 if all of them are whole numbers, without plus sign or leading zeros; else text without surrounding
    blanks. Raises `InputError` with the place of the first error.
    """
    positions = entry_positions(table, columns)
    stamps = None
    if len(positions) > 3:
        certain = columns is not None or not table.titles
        with contextlib.nullcontext() if certain else contextlib.suppress(InputError):
            stamps = timestamps_of(table, positions[3])
    rows, items = (ids_in(table, positions[k], ("row", "column")[k]) for k in (0, 1))
    values = _values(table, positions[2])
    layout = Layout(table.name, positions[: 3 if stamps is None else 4], table.titles, table.rows)
    of_each = None if weights is None else _weights(table, weights, positions)
    return EntryTable(rows, items, values, stamps, layout, of_each)


def _weights(table: Table, title: str, positions: tuple[int, ...]) -> Float64[np.ndarray, " rows"]:
    """The weights in the column of this title, which none of the other columns has."""
    (k,) = _chosen(table, (title,))
    if k in positions:
        raise InputError(
            f"{table.column_in_words(k)} of {table.name} would be both the weights and {_PARTS[positions.index(k)]}; "
            "name the columns of row ids, column ids and values too, by columns=."
        )
    found = _values(table, k)
    sound = np.isfinite(found) & (found > 0)
    if not sound.all():
        row = int(np.argmin(sound))
        raise InputError(
            f"{table.place(row, k)} holds the weight {found[row]:g}; write a positive number, or delete the row."
        )
    return found


def entry_positions(table: Table, columns: tuple[str, ...] | None) -> tuple[int, ...]:
    """The columns of row ids, column ids, values and, if there are any, timestamps, as `entries_of` takes them."""
    if table.width < 3:
        several = "s" * (table.width > 1)
        raise InputError(
            f"{table.name} has {table.width} column{several}; triplets need three: row id, column id, value."
        )
    if columns is not None:
        return _chosen(table, columns)
    found = by_titles(table)
    if found is not None:
        return (found["row"], found["column"], found["value"], *([found["time"]] if "time" in found else []))
    return _first_columns(table)


def _chosen(table: Table, columns: tuple[str, ...]) -> tuple[int, ...]:
    stripped = [title.strip() for title in table.titles]
    for column in columns:
        if stripped.count(column) != 1:
            found = listing([excerpt(title) for title in stripped]) or "no titles, for the first line has none"
            problem = "several columns" if column in stripped else "no column"
            raise InputError(
                f"{table.name} has {problem} {excerpt(column)}; choose among {found}, and give each title to one "
                "column only."
            )
    return tuple(stripped.index(column) for column in columns)


def _first_columns(table: Table) -> tuple[int, ...]:
    """The first three columns, but values are no times: those stand in the third or the fourth."""
    if table.width == 3:
        return 0, 1, 2
    third, fourth = (looks_like_times(table.columns[k]) for k in (2, 3))
    if third and not fourth and not table.is_text(3):
        return 0, 1, 3, 2
    titled = bool(table.titles) and table.titles[3].strip().lower() == "timestamp"
    return (0, 1, 2, 3) if table.stamped or titled or fourth else (0, 1, 2)


def ids_in(table: Table, k: int, which: str) -> Shaped[np.ndarray, " rows"]:
    """The ids in a column: int64 if all are whole numbers, else text; raises `InputError` for a cell without one.

    `which` is said in the message: row or column.
    """
    column = table.columns[k]
    if column.dtype.kind in "iu":
        if column.size and int(column.max()) > np.iinfo(np.int64).max:
            raise InputError(f"{table.column_in_words(k)} of {table.name} holds ids beyond 2⁶³; make them text.")
        return column.astype(np.int64)
    if column.dtype.kind == "O":
        stripped = [cell.strip() for cell in column.tolist()]
        if "" in stripped:
            raise _no_id(table, stripped.index(""), k, which)
        return ids_of(stripped)
    if table.gaps(k).any():
        raise _no_id(table, int(np.argmax(table.gaps(k))), k, which)
    if table.written is not None:  # a text, in which 7.0 is not 7
        return ids_of([table.cell(row, k).strip() for row in range(table.height)])
    if (column == np.floor(column)).all() and (np.abs(column) < 2.0**53).all():
        return column.astype(np.int64)
    raise InputError(
        f"{table.column_in_words(k)} of {table.name} has ids that are no whole numbers; "
        "convert it to whole numbers or text."
    )


def _no_id(table: Table, row: int, k: int, which: str) -> InputError:
    return InputError(f"{table.place(row, k)} is empty; write the {which} id there, or delete the row.")


def _values(table: Table, k: int) -> Float64[np.ndarray, " rows"]:
    gaps = table.gaps(k)
    if table.is_text(k):
        for row, cell in enumerate(table.columns[k].tolist()):
            if gaps[row]:
                break
            if table.number(cell) is None:
                raise not_a_number(table, row, k, _REMEDY)
    if gaps.any():
        raise empty_or_word(table, int(np.argmax(gaps)), k, _REMEDY)
    if table.is_text(k):
        raise not_a_number(table, 0, k, _REMEDY)
    return table.columns[k].astype(np.float64)
