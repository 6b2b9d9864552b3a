"""Checks of the parts given to a completion: entries for training, held-out entries, and entries for a test."""

import math
from typing import TypeAlias

import numpy as np
from jaxtyping import Float64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.places import repeated_places
from equipoise.datasets import Triplets

Parts: TypeAlias = tuple[Triplets, Triplets | None, Triplets | None]
"""Training, held out, test."""

_EXTREME = 1e60
_NAMES = ("training", "held-out", "test")


def check_parts(parts: Parts) -> None:
    """Raise `InputError` unless all parts are entries of one matrix, at different places, and in a usable range."""
    training = parts[0]
    given = {name: part for name, part in zip(_NAMES, parts, strict=True) if part is not None or part is training}
    for name, part in given.items():
        if not isinstance(part, Triplets):
            raise InputError(
                f"The {name} part is a {type(part).__name__}, not a table of entries; read one with "
                "equipoise.datasets.read_triplets, or make one with equipoise.datasets.triplets_from_matrix."
            )
        if not len(part):
            raise InputError(f"The {name} part is empty; give it at least one entry.")
        if not (same(part.row_ids, training.row_ids) and same(part.column_ids, training.column_ids)):
            raise InputError(
                f"The {name} part and the training part differ in rows or columns; split one table, as "
                "equipoise.datasets.hold_out_fraction does."
            )
    _check_apart(given)
    largest = float(np.abs(training.values).max())
    if largest != 0 and not 1 / _EXTREME < largest < _EXTREME:
        raise InputError(
            f"The largest entry is {largest:.3g}, and its powers exceed the range of floating-point numbers; "
            f"divide the matrix by {10.0 ** math.floor(math.log10(largest)):.0e} first."
        )


def joined(some: Triplets, others: Triplets) -> Triplets:
    """The entries of two parts of one table."""
    arrays = {
        name: np.concatenate([getattr(some, name), getattr(others, name)]) for name in ("rows", "columns", "values")
    }
    ids = {"row_ids": some.row_ids, "column_ids": some.column_ids}
    return Triplets(**arrays, **ids, source=some.source, weights=_joined_weights(some, others))


def _joined_weights(some: Triplets, others: Triplets) -> Float64[np.ndarray, " entries"] | None:
    """The weights of both parts; one that has none counts as the other's mean."""
    if some.weights is None and others.weights is None:
        return None
    given = [part.weights.mean() for part in (some, others) if part.weights is not None]
    return np.concatenate(
        [np.full(len(part), given[0]) if part.weights is None else part.weights for part in (some, others)]
    )


def same(some: Shaped[np.ndarray, " ids"], others: Shaped[np.ndarray, " others"]) -> bool:
    """Whether the ids are the same, in the same order."""
    return some is others or (some.shape == others.shape and bool(np.all(some == others)))


def _check_apart(parts: dict[str, Triplets]) -> None:
    """Raise `InputError` if two parts share a place; within a part, triplets are already known to differ."""
    names = list(parts)
    rows, columns = (np.concatenate([getattr(part, side) for part in parts.values()]) for side in ("rows", "columns"))
    pairs = np.repeat(np.arange(len(names)), [len(part) for part in parts.values()])[repeated_places(rows, columns)]
    if pairs.size:
        first, second = min(map(tuple, pairs.tolist()))
        shared = int((pairs == (first, second)).all(axis=1).sum())
        raise InputError(
            f"The {names[first]} part and the {names[second]} part share {shared} entries; "
            "give each entry to one part, as equipoise.datasets.hold_out_fraction does."
        )
