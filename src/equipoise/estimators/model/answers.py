"""What a model answers: predictions for pairs of ids, and the best columns of a row."""

import dataclasses
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import listing
from equipoise.core.types import RealNumber
from equipoise.datasets import Triplets
from equipoise.datasets.entries.triplets import shown_id
from equipoise.estimators.complete import Prediction
from equipoise.estimators.model.ids import UNKNOWN

_AT_ONCE = 2**21
"""The number of predictions that are made at once."""


class Predicted(NamedTuple):
    """Predictions for pairs of ids.

    - `values`: one for each pair.
    - `known`: whether the model knows both ids of the pair; if not, the value is that of the means.
    - `notes`: one sentence for each kind of unknown id, with its number; empty if all are known.
    """

    values: Float64[np.ndarray, " pairs"]
    known: Bool[np.ndarray, " pairs"]
    notes: tuple[str, ...]


class Recommended(NamedTuple):
    """The columns of a row with the largest predictions, in falling order.

    - `columns`: their ids.
    - `values`: their predictions.
    - `notes`: a sentence if the row is unknown, whose columns are then those of the largest means; another if there
      are fewer columns than wanted.
    """

    columns: Shaped[np.ndarray, " n"]
    values: Float64[np.ndarray, " n"]
    notes: tuple[str, ...]


def values_at(
    prediction: Prediction, rows: Int64[np.ndarray, " pairs"], columns: Int64[np.ndarray, " pairs"]
) -> Float64[np.ndarray, " pairs"]:
    """The predictions at these places; where an id is `UNKNOWN`, the overall mean and the effect of the other id.

    Of units, an unknown row or column has those usual for rows or columns.
    """
    known = (rows != UNKNOWN) & (columns != UNKNOWN)
    values = np.empty(rows.size)
    values[known] = prediction.at(rows[known], columns[known])
    values[~known] = _means_at(prediction, rows[~known], columns[~known])
    return values


def _means_at(
    prediction: Prediction, rows: Int64[np.ndarray, " pairs"], columns: Int64[np.ndarray, " pairs"]
) -> Float64[np.ndarray, " pairs"]:
    means, units = prediction.means, prediction.units
    values = means.mean + _or(means.rows, rows, 0.0) + _or(means.columns, columns, 0.0)
    if units is not None:
        sides = (
            (units.row_locations, units.row_scales, rows),
            (units.column_locations, units.column_scales, columns),
        )
        locations = [_or(of_side, places, of_side.mean()) for of_side, _, places in sides]
        scales = [_or(of_side, places, np.median(of_side)) for _, of_side, places in sides]
        values = sum(locations) + scales[0] * scales[1] * values
    return values if prediction.limits is None else np.clip(values, *prediction.limits)


def _or(
    effects: Float64[np.ndarray, " d"], places: Int64[np.ndarray, " pairs"], usual: RealNumber
) -> Float64[np.ndarray, " pairs"]:
    """The effect at each place, or the usual one where the id is unknown."""
    return np.where(places == UNKNOWN, usual, effects[places])


def check_unknown(unknown: str) -> None:
    """Raise `InputError` unless `unknown` says what to do with an unknown id."""
    if unknown not in ("means", "error"):
        raise InputError(f"unknown= is {unknown!r}; it must be 'means' or 'error'.")


def unknown_ids(ids: list[object], places: Int64[np.ndarray, " ids"], which: str, unknown: str) -> tuple[str, ...]:
    """A note with the number of different unknown ids, if there are any; with `unknown` "error", an `InputError`."""
    strange = list(dict.fromkeys(ids[k] for k in np.flatnonzero(places == UNKNOWN).tolist()))
    if not strange:
        return ()
    shown = listing([shown_id(identity) for identity in strange], 3)
    several = len(strange) > 1
    said = f"{len(strange)} {which} id{'s are' if several else ' is'} unknown to the model ({shown})"
    if unknown == "error":
        raise InputError(f"{said}; correct {'them' if several else 'it'}, or fold in entries of new rows first.")
    return (f"{said}; means are predicted there.",)


def too_few(row: object, found: int, wanted: int) -> tuple[str, ...]:
    """A note if a row has fewer columns left than are wanted."""
    if found >= wanted:
        return ()
    left = f"{found or 'No'} column{' is' if found == 1 else 's are'} left for the row {shown_id(row)}"
    return (f"{'Only ' if found else ''}{left}; the model knows its entries in the others.",)


def best_columns(
    prediction: Prediction, rows: Int64[np.ndarray, " rows"], n: int, seen: Triplets | None
) -> list[tuple[Int64[np.ndarray, " n"], Float64[np.ndarray, " n"]]]:
    """For each row the places and predictions of its `n` best columns, without those of its entries in `seen`.

    They are ordered before predictions are clipped; of equal ones the first stands first. There are fewer than `n` if
    no more are left.
    """
    width, limits = prediction.right.shape[0], prediction.limits
    free = dataclasses.replace(prediction, limits=None)
    order = np.zeros(0, int) if seen is None else np.argsort(seen.rows, kind="stable")
    chunk = max(1, _AT_ONCE // width)
    found = []
    for first in range(0, rows.size, chunk):
        part = rows[first : first + chunk]
        each, columns = np.repeat(part, width), np.tile(np.arange(width), part.size)
        values = values_at(free, each, columns).reshape(part.size, width)
        for row, predicted in zip(part.tolist(), values, strict=True):
            if seen is not None:
                begin, end = np.searchsorted(seen.rows, [row, row + 1], sorter=order)
                predicted[seen.columns[order[begin:end]]] = -np.inf
            best = np.argsort(-predicted, kind="stable")[:n]
            best = best[np.isfinite(predicted[best])]
            found.append((best, predicted[best] if limits is None else np.clip(predicted[best], *limits)))
    return found
