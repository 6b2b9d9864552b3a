"""What a table of known entries must offer here, checked."""

import math
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from equipoise.core.errors import InputError

_EXTREME = 1e100


@runtime_checkable
class Entries(Protocol):
    """Known entries of a matrix, as `equipoise.datasets.Triplets` holds them: values[k] at (rows[k], columns[k])."""

    @property
    def rows(self) -> Int64[np.ndarray, " entries"]:
        """The row of each entry, from 0."""

    @property
    def columns(self) -> Int64[np.ndarray, " entries"]:
        """The column of each entry, from 0."""

    @property
    def values(self) -> Float64[np.ndarray, " entries"]:
        """The entries."""

    @property
    def row_ids(self) -> Shaped[np.ndarray, " rows"]:
        """What each row is called."""

    @property
    def column_ids(self) -> Shaped[np.ndarray, " columns"]:
        """What each column is called."""

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""

    def index_of(self, row_id: Any, column_id: Any) -> tuple[int, int]:
        """The row and column of these ids; `InputError` for one that is not there."""


def check_parts(training: Any, held_out: Any, test: Any) -> None:
    """Raise `InputError` unless all parts are entries of the same matrix, and those for training can be computed with.

    No two parts may share a place.
    """
    parts = {"The training part": training, "The held-out part": held_out, "The test part": test}
    given = {name: part for name, part in parts.items() if part is not None or part is training}
    for name, part in given.items():
        if not isinstance(part, Entries):
            raise InputError(
                f"{name} is a {type(part).__name__}, not a table of entries; read it by equipoise.datasets."
                "read_triplets, or take a matrix apart by equipoise.datasets.triplets_from_matrix."
            )
        if not part.values.size:
            raise InputError(f"{name} is empty; give it at least one entry.")
        if not (same(part.row_ids, training.row_ids) and same(part.column_ids, training.column_ids)):
            raise InputError(
                f"{name} has other rows or columns than the training part; split one table, as "
                "equipoise.datasets.hold_out_fraction does."
            )
    _check_apart(given, training.shape[1])
    largest = float(np.abs(training.values).max())
    if largest != 0 and not 1 / _EXTREME < largest < _EXTREME:
        raise InputError(
            f"The largest entry is {largest:.3g}, whose powers floating-point numbers cannot hold; "
            "divide the entries by it first."
        )


def same(some: Shaped[np.ndarray, " ids"], others: Shaped[np.ndarray, " others"]) -> bool:
    """Whether the ids are the same, in the same order."""
    return some is others or (some.shape == others.shape and bool(np.all(some == others)))


def _check_apart(parts: dict[str, Any], columns: int) -> None:
    places = {name: part.rows * columns + part.columns for name, part in parts.items()}
    names = list(places)
    for i, name in enumerate(names):
        for other in names[i + 1 :]:
            shared = np.intersect1d(places[name], places[other]).size
            if shared:
                raise InputError(
                    f"{name} and {other[0].lower()}{other[1:]} share {shared} entries; "
                    "give each entry to one part, as equipoise.datasets.hold_out_fraction does."
                )


def root_mean_square(differences: Float64[np.ndarray, " entries"]) -> float:
    """√(mean of squares), without overflow."""
    largest = float(np.abs(differences).max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean((differences / largest) ** 2)))
