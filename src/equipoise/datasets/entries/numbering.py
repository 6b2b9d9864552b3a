"""From a table of entries to triplets: number the ids and settle duplicates."""

import numpy as np
from jaxtyping import Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.places import repeated_places
from equipoise.datasets.entries.triplets import Triplets, check_kind, of_checked, shown_id
from equipoise.datasets.options import Duplicates
from equipoise.datasets.settled import settled_values
from equipoise.datasets.tables.entry_table import EntryTable


def numbered(read: EntryTable, duplicates: Duplicates, hint: str = "") -> Triplets:
    """Return the triplets of a table; raise `InputError` for values that are not finite and, by option, duplicates.

    `hint` ends the sentence about duplicates.
    """
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
        return of_checked(rows, columns, read.values, row_ids, column_ids, read.timestamps, layout.name, read.weights)
    if duplicates == "error":
        first, second = again[0].tolist()
        where = f"row id {shown_id(read.rows[first])} and column id {shown_id(read.columns[first])}"
        raise InputError(
            f"Rows {layout.row(first)} and {layout.row(second)} of {layout.name} both give a value for {where}; "
            "delete one, or pass duplicates='mean', 'last' or 'sum'" + (hint or ".")
        )
    if read.weights is not None and duplicates != "last":
        raise InputError(
            f"{layout.name} gives several values at one place, and weights: their {duplicates} has no weight; "
            "delete all but one, or pass duplicates='last'."
        )
    kept, values = settled_values(rows * column_ids.size + columns, read.values, duplicates)
    stamps = None if read.timestamps is None else read.timestamps[kept]
    weights = None if read.weights is None else read.weights[kept]
    return of_checked(rows[kept], columns[kept], values, row_ids, column_ids, stamps, layout.name, weights)


def _different(ids: Shaped[np.ndarray, " entries"], which: str) -> tuple[np.ndarray, Int64[np.ndarray, " entries"]]:
    """Return the sorted distinct ids, and the number of each entry's id among them."""
    different, indices = np.unique(ids, return_inverse=True)
    check_kind(different, which)
    return different, indices.astype(np.int64, copy=False)
