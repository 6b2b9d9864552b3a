"""Entries held out for a test: at random by their places in the table or by their ids, or the first of every row."""

import numpy as np
from jaxtyping import Bool, Int64, Shaped

from equipoise.core.checks import real_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.keyed import keys_of, mixed
from equipoise.core.seeds import generator
from equipoise.datasets.entries.triplets import Triplets, shown_id, take


def hold_out_per_row(
    triplets: Triplets, count: int, *, seed: int | None = None, first: bool = False, by_ids: bool = False
) -> tuple[Triplets, Triplets]:
    """Split into (training, test): `count` entries of every row go to the test, chosen at random or from the front.

    - `triplets`: the entries to split.
    - `count`: the number of test entries per row, 1 or greater. Rows without entries stay empty.
    - `seed`: the seed of the random choice, 0 or greater; the same seed gives the same parts.
    - `first`: True, instead of a seed, to take the first entries of every row in their order.
    - `by_ids`: whether the choice goes by the ids, as in `hold_out_fraction`; False by default.

    Both parts keep order, shape and ids. Raises `InputError` if a row would have no entry left for training.
    """
    count = whole_number("count", count, 1)
    if first == (seed is not None):
        raise InputError("Give either seed= for a random choice or first=True for the first entries of every row.")
    keys = np.arange(len(triplets)) if seed is None else _random(seed, triplets, by_ids=by_ids)
    return split_by_position(triplets, keys, 0, count)


def hold_out_fraction(
    triplets: Triplets, fraction: float, *, seed: int, by_ids: bool = False
) -> tuple[Triplets, Triplets]:
    """Split into (training, test): round(`fraction` · entries) of all entries, drawn at random, go to the test.

    - `triplets`: the entries to split.
    - `fraction`: the share for the test, between 0 and 1.
    - `seed`: the seed of the random choice, 0 or greater; the same seed gives the same parts.
    - `by_ids`: whether the choice goes by the ids of rows and columns, so that entries in another order, permuted rows
      or columns, and the transposed table give the same parts; by default it goes by the order of the entries.

    Both parts keep order, shape and ids; a row may lose all its entries. Raises `InputError` if a part would be empty.
    """
    count = round(real_number("fraction", fraction, above=0, below=1, hint="the share held out") * len(triplets))
    if not 0 < count < len(triplets):
        raise InputError(
            f"A fraction of {fraction} of {len(triplets)} entries holds out {count}; "
            "choose one that leaves entries on both sides."
        )
    return parts(triplets, _least(_random(seed, triplets, by_ids=by_ids), count))


def split_by_position(
    triplets: Triplets, keys: Shaped[np.ndarray, " entries"], start: int, stop: int
) -> tuple[Triplets, Triplets]:
    """Split into (training, test): of every row, ranked by `keys`, entries `start` to `stop` - 1 go to the test.

    Raises `InputError` if a row has entries, but too few for both sides.
    """
    sizes = np.bincount(triplets.rows, minlength=triplets.shape[0])
    least = max(stop, stop - start + 1)
    short = (sizes > 0) & (sizes < least)
    if short.any():
        row = int(np.argmax(short))
        raise InputError(
            f"The row with the id {shown_id(triplets.row_ids[row])} has too few entries ({sizes[row]}; at least "
            f"{least} are needed to have some on both sides); hold out fewer, or leave out such rows."
        )
    positions = _positions(triplets.rows, keys, sizes)
    return parts(triplets, (positions >= start) & (positions < stop))


def parts(triplets: Triplets, held: Bool[np.ndarray, " entries"]) -> tuple[Triplets, Triplets]:
    """Return (training, test), where the test has the entries that are `held`."""
    return take(triplets, ~held), take(triplets, held)


def _positions(
    rows: Int64[np.ndarray, " entries"], keys: Shaped[np.ndarray, " entries"], sizes: Shaped[np.ndarray, " rows"]
) -> Int64[np.ndarray, " entries"]:
    """Return the rank of every entry within its row, from 0, by ascending key."""
    order = np.lexsort((keys, rows))
    starts = np.cumsum(sizes) - sizes
    positions = np.empty(rows.size, dtype=np.int64)
    positions[order] = np.arange(rows.size) - np.repeat(starts, sizes)
    return positions


def _least(keys: Shaped[np.ndarray, " entries"], count: int) -> Bool[np.ndarray, " entries"]:
    """Return where the `count` least keys are; of equal ones the first."""
    last = np.partition(keys, count - 1)[count - 1]
    found = keys < last
    found[np.flatnonzero(keys == last)[: count - int(found.sum())]] = True
    return found


def _random(seed: int, triplets: Triplets, *, by_ids: bool) -> Shaped[np.ndarray, " entries"]:
    """Return uniform random keys of the entries; the same seed gives the same keys."""
    seed = whole_number("seed", seed, 0)
    if not by_ids:
        return generator(seed).random(len(triplets))
    # a sum, so that the transposed table has the same keys
    return mixed(keys_of(triplets.row_ids, seed)[triplets.rows] + keys_of(triplets.column_ids, seed)[triplets.columns])
