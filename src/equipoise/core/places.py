"""Places (row, column) in a matrix, and which of them occur more than once."""

import numpy as np
from jaxtyping import Int, Int64


def repeated_places(
    rows: Int[np.ndarray, " entries"], columns: Int[np.ndarray, " entries"]
) -> Int64[np.ndarray, "repetitions 2"]:
    """Return the positions (earlier, later) of consecutive entries at the same place, sorted by the later position.

    Each entry whose place occurred before gives one pair, so no pairs means that every place occurs once. Rows and
    columns are counted from 0; rows × columns must be below 2⁶³.
    """
    if not rows.size:
        return np.empty((0, 2), np.int64)
    places = rows.astype(np.int64) * (int(columns.max()) + 1) + columns
    in_order = np.sort(places)  # several times faster than argsort, which is seldom needed
    if (in_order[1:] != in_order[:-1]).all():
        return np.empty((0, 2), np.int64)
    order = np.argsort(places, kind="stable")
    again = np.flatnonzero(np.diff(places[order]) == 0)
    pairs = np.stack([order[again], order[again + 1]], axis=1)
    return pairs[np.argsort(pairs[:, 1])]
