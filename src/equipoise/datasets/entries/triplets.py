"""The known entries of a matrix as (row, column, value), and the ids of its rows and columns."""

import contextlib
import dataclasses
import functools
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, reason
from equipoise.core.places import repeated_places


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Triplets:
    """Known entries of a matrix: values[k] is at row rows[k] and column columns[k].

    - `rows`, `columns`: the place of each entry, both counted from 0.
    - `values`: the entries, finite.
    - `row_ids`, `column_ids`: the names of all rows and columns, all different, whole numbers or text.
    - `timestamps`: one whole number per entry, if the source has them; None by default.
    - `source`: where the entries come from, in words.
    - `weights`: one positive number per entry, by which `complete` multiplies its squared error; None by default.

    The arrays become read-only views. Raises `InputError` if lengths differ, an index is out of range, two ids are the
    same, a value is not finite, a weight not positive or two entries have the same place.
    """

    rows: Int64[np.ndarray, " entries"]
    columns: Int64[np.ndarray, " entries"]
    values: Float64[np.ndarray, " entries"]
    row_ids: Shaped[np.ndarray, " rows"]
    column_ids: Shaped[np.ndarray, " columns"]
    timestamps: Int64[np.ndarray, " entries"] | None = None
    source: str = ""
    weights: Float64[np.ndarray, " entries"] | None = None

    def __post_init__(self) -> None:
        _freeze(self)
        _check_lengths(self)
        _check_ids(self, self.row_ids, "rows")
        _check_ids(self, self.column_ids, "columns")
        _check_places(self)
        _check_weights(self)

    def __len__(self) -> int:
        """The number of known entries."""
        return self.values.size

    def __repr__(self) -> str:
        stamped = ", with timestamps" if self.timestamps is not None else ""
        return f"Triplets({len(self)} entries of {self.shape[0]} x {self.shape[1]}{stamped})"

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and of columns, including those without entries."""
        return self.row_ids.size, self.column_ids.size

    @property
    def users(self) -> Shaped[np.ndarray, " entries"]:
        """The row id of every entry: row_ids[rows]."""
        return self.row_ids[self.rows]

    @property
    def items(self) -> Shaped[np.ndarray, " entries"]:
        """The column id of every entry: column_ids[columns]."""
        return self.column_ids[self.columns]

    @property
    def transposed(self) -> "Triplets":
        """The entries of the transposed matrix."""
        ids = self.column_ids, self.row_ids
        return of_checked(self.columns, self.rows, self.values, *ids, self.timestamps, self.source, self.weights)

    def dense(self, fill: float) -> Float64[np.ndarray, "rows columns"]:
        """The matrix with `fill`, such as NaN, in place of unknown entries; raises `InputError` if memory is short."""
        try:
            matrix = np.full(self.shape, fill, dtype=np.float64)
        except (MemoryError, ValueError) as error:
            shape = f"{self.shape[0]} x {self.shape[1]}"
            raise InputError(f"A dense matrix of {shape} does not fit in memory; keep it as triplets.") from error
        matrix[self.rows, self.columns] = self.values
        return matrix

    def select(self, mask: Any) -> "Triplets":
        """The entries where `mask` is true, in order; shape and ids stay.

        `mask` has one bool per entry; anything else raises `InputError`.
        """
        chosen = np.asarray(mask)
        if chosen.dtype != np.bool_ or chosen.shape != self.values.shape:
            raise InputError(
                f"mask has shape {chosen.shape} and type {chosen.dtype}; "
                f"give one bool for each of the {len(self)} entries."
            )
        return take(self, chosen)

    def index_of(self, row_id: Any, column_id: Any) -> tuple[int, int]:
        """The row and the column, from 0, that have the given ids.

        - `row_id`: the id of the row.
        - `column_id`: the id of the column.

        Raises `InputError` for an unknown id.
        """
        return (
            _look_up(self._row_index, row_id, self.row_ids, "row"),
            _look_up(self._column_index, column_id, self.column_ids, "column"),
        )

    @functools.cached_property
    def _row_index(self) -> dict[Any, int]:
        return {identity: i for i, identity in enumerate(self.row_ids.tolist())}

    @functools.cached_property
    def _column_index(self) -> dict[Any, int]:
        return {identity: i for i, identity in enumerate(self.column_ids.tolist())}


def take(triplets: Triplets, chosen: Shaped[np.ndarray, " chosen"]) -> Triplets:
    """Return the entries chosen by a mask or by an array of distinct positions; shape and ids stay."""
    stamps = triplets.timestamps
    return _with(
        triplets,
        rows=triplets.rows[chosen],
        columns=triplets.columns[chosen],
        values=triplets.values[chosen],
        timestamps=None if stamps is None else stamps[chosen],
        weights=None if triplets.weights is None else triplets.weights[chosen],
    )


def with_source(triplets: Triplets, source: str) -> Triplets:
    """Return the same entries with another source."""
    return _with(triplets, source=source)


def with_weights(triplets: Triplets, weights: Any) -> Triplets:
    """Return the same entries with a weight for each; raises `InputError` for what are no positive numbers."""
    try:
        numbers = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"weights cannot be made an array of numbers ({reason(error)}); give one.") from error
    if numbers.shape != triplets.values.shape:
        raise InputError(f"weights has shape {numbers.shape}; give one number for each of the {len(triplets)} entries.")
    made = _with(triplets, weights=numbers)
    _check_weights(made)
    return made


def of_checked(
    rows: Int64[np.ndarray, " entries"],
    columns: Int64[np.ndarray, " entries"],
    values: Float64[np.ndarray, " entries"],
    row_ids: Shaped[np.ndarray, " rows"],
    column_ids: Shaped[np.ndarray, " columns"],
    timestamps: Int64[np.ndarray, " entries"] | None = None,
    source: str = "",
    weights: Float64[np.ndarray, " entries"] | None = None,
) -> Triplets:
    """Return triplets made of fields already known to satisfy `Triplets`: nothing is checked."""
    fields = (rows, columns, values, row_ids, column_ids, timestamps, source, weights)
    names = [field.name for field in dataclasses.fields(Triplets)]
    return _with(object.__new__(Triplets), **dict(zip(names, fields, strict=True)))


def _with(triplets: Triplets, **changes: Any) -> Triplets:
    """Return a copy with some fields changed, unchecked; it keeps the cached indices of the ids."""
    made = object.__new__(Triplets)
    made.__dict__.update(triplets.__dict__)
    for field, value in changes.items():
        made.__dict__[field] = _read_only(value) if isinstance(value, np.ndarray) else value
    return made


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def _freeze(triplets: Triplets) -> None:
    """Turn every field into a read-only array of its type."""
    types = {"rows": np.int64, "columns": np.int64, "values": np.float64, "timestamps": np.int64, "weights": np.float64}
    for field in (*types, "row_ids", "column_ids"):
        given = getattr(triplets, field)
        if given is None:
            continue
        try:
            array = np.asarray(given)
            view = array.astype(types.get(field, array.dtype), casting="same_kind", copy=False)
        except (TypeError, ValueError) as error:
            wanted = "numbers" if field in ("values", "weights") else "whole numbers"
            raise InputError(f"{field} cannot be made an array of {wanted} ({reason(error)}); give one.") from error
        if view.ndim != 1:
            raise InputError(f"{field} has shape {view.shape}; give an array with one dimension.")
        object.__setattr__(triplets, field, _read_only(view))


def _check_lengths(triplets: Triplets) -> None:
    lengths = {field: getattr(triplets, field).size for field in ("rows", "columns", "values")}
    for field in ("timestamps", "weights"):
        if getattr(triplets, field) is not None:
            lengths[field] = getattr(triplets, field).size
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{length} {field}" for field, length in lengths.items())
        raise InputError(f"There are {said}; give one of each for every entry.")


def _check_places(triplets: Triplets) -> None:
    for field, indices, length in zip(
        ("rows", "columns"), (triplets.rows, triplets.columns), triplets.shape, strict=True
    ):
        outside = (indices < 0) | (indices >= length)
        if outside.any():
            k = int(np.argmax(outside))
            raise InputError(f"{field}[{k}] is {indices[k]}, but there are {length} {field}; count them from 0.")
    if not np.isfinite(triplets.values).all():
        k = int(np.argmin(np.isfinite(triplets.values)))
        raise InputError(f"values[{k}] is {triplets.values[k]}; give finite numbers, and leave out unknown entries.")
    again = repeated_places(triplets.rows, triplets.columns)
    if again.size:
        first, second = again[0].tolist()
        raise InputError(
            f"Entries {first} and {second} (counted from 0) are both at row {triplets.rows[first]}, "
            f"column {triplets.columns[first]}; give every place once."
        )


def _check_weights(triplets: Triplets) -> None:
    if triplets.weights is None:
        return
    sound = np.isfinite(triplets.weights) & (triplets.weights > 0)
    if not sound.all():
        k = int(np.argmin(sound))
        raise InputError(
            f"weights[{k}] is {triplets.weights[k]}; give positive numbers, and leave out entries without weight."
        )


def _check_ids(triplets: Triplets, ids: Shaped[np.ndarray, " ids"], which: str) -> None:
    if not ids.size:
        raise InputError(f"There are no ids of {which}; give at least one row and one column.")
    check_kind(ids, which)
    index = triplets._row_index if which == "rows" else triplets._column_index
    if len(index) != ids.size:
        raise InputError(f"The ids of the {which} are not all different; give every one of the {ids.size} its own.")


def check_kind(ids: Shaped[np.ndarray, " ids"], which: str) -> None:
    """Raise `InputError` unless the ids are all whole numbers or all text."""
    if ids.dtype.kind not in "iu" and not all(isinstance(identity, str) for identity in ids.tolist()):
        raise InputError(
            f"The ids of the {which} are neither all whole numbers nor all text; make them one or the other."
        )


def _look_up(index: dict[Any, int], identity: Any, ids: Shaped[np.ndarray, " ids"], which: str) -> int:
    with contextlib.suppress(KeyError, TypeError):  # an object that cannot be hashed is not an id
        return index[identity]
    kind = "whole numbers" if ids.dtype.kind in "iu" else "text"
    raise InputError(
        f"There is no {which} with the id {shown_id(identity)}; the ids of the {ids.size} {which}s are {kind}, "
        f"from {shown_id(ids[0])} to {shown_id(ids[-1])}."
    )


def shown_id(identity: Any) -> str:
    """Return an id as shown in messages: text in quotes, shortened."""
    return excerpt(identity) if isinstance(identity, str) else excerpt(str(identity))[1:-1]
