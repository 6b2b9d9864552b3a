"""A completed table with new entries: what they touch is solved anew by ridge regression, and the rest stays."""

import dataclasses

import numpy as np
from jaxtyping import Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets
from equipoise.estimators.complete.means import SHRINKAGE, linked_again
from equipoise.estimators.scikit_learn.reading import positions
from equipoise.estimators.scikit_learn.table import CompletedTable


def with_entries(known: Triplets, new: Triplets) -> Triplets:
    """All entries; a new one replaces a known one at its place, and new ids come after the known ones."""
    row_ids, rows = _numbered(known.row_ids, new.row_ids, new.rows, "user")
    column_ids, columns = _numbered(known.column_ids, new.column_ids, new.columns, "item")
    width = column_ids.size
    kept = ~np.isin(known.rows * width + known.columns, rows * width + columns)
    return Triplets(
        rows=np.append(known.rows[kept], rows),
        columns=np.append(known.columns[kept], columns),
        values=np.append(known.values[kept], new.values),
        row_ids=row_ids,
        column_ids=column_ids,
    )


def grown(table: CompletedTable, entries: Triplets) -> CompletedTable:
    """The table with the further rows and columns that these entries have, which are not seen as yet."""
    more = entries.shape[0] - table.left.shape[0], entries.shape[1] - table.right.shape[0]
    means = dataclasses.replace(
        table.means,
        rows=np.pad(table.means.rows, (0, more[0])),
        columns=np.pad(table.means.columns, (0, more[1])),
        seen_rows=np.pad(table.means.seen_rows, (0, more[0])),
        seen_columns=np.pad(table.means.seen_columns, (0, more[1])),
        linked_rows=None,
        linked_columns=None,
    )
    return dataclasses.replace(
        table,
        left=np.pad(table.left, ((0, more[0]), (0, 0))),
        right=np.pad(table.right, ((0, more[1]), (0, 0))),
        means=linked_again(means, entries),
    )


def at_the_mean(table: CompletedTable, chosen: Int64[np.ndarray, " chosen"]) -> CompletedTable:
    """The table in which chosen rows that have not been seen count as seen, without an effect or a factor."""
    seen = table.means.seen_rows.copy()
    seen[chosen] = True
    return dataclasses.replace(table, means=dataclasses.replace(table.means, seen_rows=seen))


def with_rows(table: CompletedTable, entries: Triplets, chosen: Int64[np.ndarray, " chosen"]) -> CompletedTable:
    """The table with the chosen rows folded in again, each from all its entries in columns that have been seen."""
    left, means = table.left.copy(), table.means
    effects, seen = means.rows.copy(), means.seen_rows.copy()
    order = np.argsort(entries.rows, kind="stable")
    starts = np.searchsorted(entries.rows[order], np.arange(entries.shape[0] + 1))
    for i in chosen.tolist():
        own = order[starts[i] : starts[i + 1]]
        own = own[means.seen_columns[entries.columns[own]]]
        if not own.size:
            continue
        columns, values = entries.columns[own], entries.values[own]
        left[i], effect = table.fold_in(columns, values)
        rest = values - means.mean - means.columns[columns]
        effects[i] = effect if table.centered else rest.sum() / (own.size + SHRINKAGE)
        seen[i] = True
    return dataclasses.replace(table, left=left, means=dataclasses.replace(means, rows=effects, seen_rows=seen))


def with_columns(table: CompletedTable, entries: Triplets, chosen: Int64[np.ndarray, " chosen"]) -> CompletedTable:
    """The same for columns, from their entries in rows that have been seen."""
    return with_rows(table.transposed, _transposed(entries), chosen).transposed


def _transposed(entries: Triplets) -> Triplets:
    return Triplets(entries.columns, entries.rows, entries.values, entries.column_ids, entries.row_ids)


def _numbered(
    known: Shaped[np.ndarray, " known"],
    new: Shaped[np.ndarray, " new"],
    used: Int64[np.ndarray, " entries"],
    which: str,
) -> tuple[Shaped[np.ndarray, " all"], Int64[np.ndarray, " entries"]]:
    """(the ids of both, the numbers among them of the new entries' ids)."""
    places = positions(known, new, which)
    further = places < 0
    places[further] = known.size + np.arange(int(further.sum()))
    if known.dtype.kind != new.dtype.kind and not (known.dtype.kind in "iu" and new.dtype.kind in "iu"):
        known, new = known.astype(object), new.astype(object)
    ids = np.append(known, new[further])
    if ids.dtype.kind not in "iuOU":
        raise InputError(f"The ids of the {which}s are neither all whole numbers nor all text.")
    return ids, places[used]
