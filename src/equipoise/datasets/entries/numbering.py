"""From a table of entries to triplets: number the ids and settle duplicates."""

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.places import repeated_places
from equipoise.datasets.entries.table import EntryTable
from equipoise.datasets.entries.triplets import Triplets, check_kind, of_checked, shown_id
from equipoise.datasets.options import Duplicates


def numbered(read: EntryTable, duplicates: Duplicates) -> Triplets:
    """Return the triplets of a table; raise `InputError` for values that are not finite and, by option, duplicates."""
    layout = read.layout
    sound = np.isfinite(read.values)
    if not sound.all():
        k = int(np.argmin(sound))
        raise InputError(
            f"{layout.place(layout.row(k), 2)} holds {read.values[k]}, which is not finite; "
            "write a finite number there, or delete the row."
        )
    row_ids, rows = _different(read.rows, "rows")
    column_ids, columns = _different(read.columns, "columns")
    again = repeated_places(rows, columns)
    if not again.size:
        return of_checked(rows, columns, read.values, row_ids, column_ids, read.timestamps, layout.name)
    if duplicates == "error":
        first, second = again[0].tolist()
        where = f"row id {shown_id(read.rows[first])} and column id {shown_id(read.columns[first])}"
        raise InputError(
            f"Rows {layout.row(first)} and {layout.row(second)} of {layout.name} both give a value for {where}; "
            "delete one, or pass duplicates='mean' or 'last'."
        )
    kept, values = _settled(rows * column_ids.size + columns, read.values, duplicates)
    stamps = None if read.timestamps is None else read.timestamps[kept]
    return of_checked(rows[kept], columns[kept], values, row_ids, column_ids, stamps, layout.name)


def _different(ids: Shaped[np.ndarray, " entries"], which: str) -> tuple[np.ndarray, Int64[np.ndarray, " entries"]]:
    """Return the sorted distinct ids, and the number of each entry's id among them."""
    different, indices = np.unique(ids, return_inverse=True)
    check_kind(different, which)
    return different, indices.astype(np.int64, copy=False)


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
