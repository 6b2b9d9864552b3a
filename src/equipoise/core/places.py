"""Places in a matrix, (row, column), and which of them are taken twice."""

import numpy as np
from jaxtyping import Int, Int64


def repeated_places(
    rows: Int[np.ndarray, " entries"], columns: Int[np.ndarray, " entries"]
) -> Int64[np.ndarray, "repetitions 2"]:
    """Return (earlier, later), the positions of two entries at one place with no third between them, by the later one.

    There is one pair for each entry whose place was taken before, so no pair means that every place is taken once.
    Rows and columns are counted from 0; rows × columns must be below 2⁶³.
    """
    if not rows.size:
        return np.empty((0, 2), np.int64)
    places = rows.astype(np.int64) * (int(columns.max()) + 1) + columns
    in_order = np.sort(places)  # several times as quick as the order itself, which is seldom needed
    if (in_order[1:] != in_order[:-1]).all():
        return np.empty((0, 2), np.int64)
    order = np.argsort(places, kind="stable")
    again = np.flatnonzero(np.diff(places[order]) == 0)
    pairs = np.stack([order[again], order[again + 1]], axis=1)
    return pairs[np.argsort(pairs[:, 1])]
