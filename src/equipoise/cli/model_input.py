"""The input of `equipoise complete --model`: pairs of ids, ids of rows, and new entries."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.cli.reading import Reading

if TYPE_CHECKING:
    import numpy as np

    from equipoise.datasets import Table, Triplets
    from equipoise.estimators import CompletionModel


def pairs_in(file: Path, how: Reading, model: "CompletionModel") -> tuple[list[Any], list[Any]]:
    """The row id and the column id of each line of a table."""
    table, (row, column) = _table(file, how, model.titles[:2])
    return _ids(table, row, "row", model.row_ids), _ids(table, column, "column", model.column_ids)


def rows_named(given: str, how: Reading, model: "CompletionModel") -> list[Any]:
    """The row ids in a file, or those given, separated by commas."""
    from equipoise.core.errors import InputError
    from equipoise.core.messages import excerpt
    from equipoise.datasets.entries.triplets import shown_id
    from equipoise.datasets.tables.ids import whole

    if Path(given).is_file() or str(Path(given)) == "-":
        table, (row,) = _table(Path(given), how, model.titles[:1])
        return _ids(table, row, "row", model.row_ids)
    parts = [part.strip() for part in given.split(",")]
    known = model.row_ids
    if "" in parts:
        raise InputError(f"--recommend is {excerpt(given)}, with an empty id; give ids separated by commas, or a file.")
    if known.dtype.kind not in "iu":
        if len(parts) == 1 and Path(given).suffix and given not in set(known.tolist()):
            raise InputError(f"{excerpt(given)} is neither a file nor a row id of the model; correct it.")
        return parts
    for part in parts:
        if whole(part) is None:
            raise InputError(
                f"{excerpt(part)} is neither a file nor a row id of the model; the ids are whole numbers, such as "
                f"{shown_id(known[0])}."
            )
    return [int(part) for part in parts]


def entries_in(file: Path, how: Reading, model: "CompletionModel") -> "Triplets":
    """New entries, in a file like the one that the model was made from; titles as in that file tell its columns."""
    from equipoise.cli.complete_input import read
    from equipoise.datasets import open_file
    from equipoise.datasets.entries.numbering import numbered
    from equipoise.datasets.tables.to_entries import entries_of

    if how.kind == "matrix" or (how.kind == "auto" and str(model.summary.get("read_as", "")).startswith("a matrix")):
        return read(file, dataclasses.replace(how, format="matrix") if how.file_format is None else how).entries
    with open_file(file, "triplets", options=how.options(), format=how.file_format) as opened:
        if opened.format.table is not None:
            titles = [title.strip() for title in opened.table.titles]
            alike = how.columns is None and all(titles.count(title) == 1 for title in model.titles)
            columns = model.titles if alike else opened.options.columns
            return numbered(entries_of(opened.table, columns), how.duplicates)
        return numbered(opened.read(), how.duplicates)


def _table(file: Path, how: Reading, wanted: tuple[str, ...]) -> tuple["Table", tuple[int, ...]]:
    """A table, and its columns that hold the ids wanted: those of these titles, or of their roles, or the first."""
    from equipoise.core.errors import InputError
    from equipoise.core.messages import excerpt, joined, listing
    from equipoise.datasets import open_file
    from equipoise.datasets.tables.titles import roles

    said = None if how.columns is None else tuple(how.columns[: len(wanted)])
    without = dataclasses.replace(how, columns=None, format=how.file_format or "auto")
    with open_file(file, "triplets", options=without.options(), format=without.file_format) as opened:
        if opened.format.table is None:
            raise InputError(f"{opened.name} is no table of ids; give one such as a .csv file.")
        table = _titled(opened.table, said or wanted)
        if table.width < len(wanted):
            raise InputError(f"{table.name} has {table.width} column, but two are needed: row id and column id.")
        titles = [title.strip() for title in table.titles]
        named = said or wanted
        if all(titles.count(title) == 1 for title in named):
            return table, tuple(titles.index(title) for title in named)
        found = [dict(roles(titles)).get(role) for role in ("row", "column")][: len(wanted)]
        places = tuple(place for place in found if place is not None)
        if said is None and len(places) == len(wanted):
            return table, places
        if said is None and (not titles or wanted[0] == "row"):
            return table, tuple(range(len(wanted)))
        raise InputError(
            f"{table.name} has the columns {listing([excerpt(title) for title in titles])}, and none is "
            f"{joined([excerpt(title) for title in named])}; rename them, or name the right ones by --columns."
        )


def _titled(table: "Table", wanted: tuple[str, ...]) -> "Table":
    """The table with its first row as titles, if that holds the titles wanted, which the reader took for ids."""
    if table.titles or table.height < 2:
        return table
    first = [table.cell(0, k).strip() for k in range(table.width)]
    if not set(wanted) <= set(first):
        return table
    written = table.written
    return dataclasses.replace(
        table,
        columns=tuple(column[1:] for column in table.columns),
        titles=tuple(first),
        rows=table.rows + 1 if isinstance(table.rows, int) else table.rows[1:],
        written=None if written is None else lambda row, column: written(row + 1, column),
    )


def _ids(table: "Table", k: int, which: str, known: "np.ndarray") -> list[Any]:
    """The ids in a column, in the type of those known; raises `InputError` for one that cannot be."""
    from equipoise.core.errors import InputError
    from equipoise.core.messages import excerpt
    from equipoise.datasets.entries.triplets import shown_id
    from equipoise.datasets.tables.ids import whole
    from equipoise.datasets.tables.to_entries import ids_in
    from equipoise.estimators.model.ids import of_kind

    found = of_kind(ids_in(table, k, which), known).tolist()
    if known.dtype.kind in "iu":
        for row, identity in enumerate(found):
            if isinstance(identity, str) and whole(identity) is None:
                raise InputError(
                    f"{table.place(row, k)} is {excerpt(identity)}, but the {which} ids of the model are whole "
                    f"numbers, such as {shown_id(known[0])}; correct it."
                )
        return [int(identity) for identity in found]
    return found
