"""Entries folded into a model: new rows, and rows that are known with entries more, by ridge regression."""

import dataclasses
import functools

import numpy as np
from jaxtyping import Bool, Float64, Int64

from equipoise.core.types import RealNumber
from equipoise.datasets import Triplets
from equipoise.datasets.entries.triplets import of_checked
from equipoise.estimators.complete import Means, Prediction
from equipoise.estimators.complete.means import SHRINKAGE
from equipoise.estimators.complete.parts import Parts, joined
from equipoise.estimators.complete.units import FEWEST, Units
from equipoise.estimators.model.ridge import Ridge


def together(parts: Parts) -> Triplets:
    """The entries of all parts, without times."""
    found = functools.reduce(joined, [part for part in parts if part is not None])
    return of_checked(found.rows, found.columns, found.values, found.row_ids, found.column_ids, None, found.source)


def more_rows(prediction: Prediction, count: int) -> Prediction:
    """The same with rows below that have no entries: their factors are 0, and their units those usual for rows."""
    means, units = prediction.means, prediction.units
    zeros, linked = np.zeros(count), means.linked_rows
    if units is not None:
        usual = np.full(count, units.row_locations.mean()), np.full(count, np.median(units.row_scales))
        units = dataclasses.replace(
            units,
            row_locations=np.concatenate([units.row_locations, usual[0]]),
            row_scales=np.concatenate([units.row_scales, usual[1]]),
        )
    return dataclasses.replace(
        prediction,
        left=np.vstack([prediction.left, np.zeros((count, prediction.left.shape[1]))]),
        means=dataclasses.replace(
            means,
            rows=np.concatenate([means.rows, zeros]),
            seen_rows=np.concatenate([means.seen_rows, zeros.astype(bool)]),
            linked_rows=None if linked is None else np.concatenate([linked, np.full(count, -1, linked.dtype)]),
        ),
        units=units,
    )


def with_entries(
    known: Triplets,
    rows: Int64[np.ndarray, " new"],
    columns: Int64[np.ndarray, " new"],
    values: Float64[np.ndarray, " new"],
    ids: tuple[np.ndarray, np.ndarray],
) -> Triplets:
    """Entries with further ones, of which one at a known place replaces the one there; `ids` are those of both."""
    width = ids[1].size
    kept = ~np.isin(known.rows * width + known.columns, rows * width + columns)
    return of_checked(
        np.concatenate([known.rows[kept], rows]),
        np.concatenate([known.columns[kept], columns]),
        np.concatenate([known.values[kept], values]),
        *ids,
        None,
        known.source,
    )


def refolded(
    prediction: Prediction, known: Triplets, rows: Int64[np.ndarray, " rows"], ridge: Ridge, penalty: RealNumber
) -> Prediction:
    """The prediction with these rows found anew from all of their known entries; everything else stays.

    Entries in columns without a factor count for the mean of the row alone: in columns without training entries, and
    in those that no training entry links with the others. Where the mean of all entries is predicted, it stays.
    """
    order = np.argsort(known.rows, kind="stable")
    begins, ends = (np.searchsorted(known.rows, rows, side, sorter=order) for side in ("left", "right"))
    units = prediction.units
    if units is not None and "rows" in units.sides:
        units = _with_units_of_new(units, prediction.means, known, rows)
    values = known.values
    if units is not None:
        values = (values - units.location(known.rows, known.columns)) / units.scale(known.rows, known.columns)
    found = _Rows(dataclasses.replace(prediction, units=units), ridge, penalty)
    for row, begin, end in zip(rows.tolist(), begins.tolist(), ends.tolist(), strict=True):
        own = order[begin:end]
        found.fit(row, known.columns[own], values[own])
    return found.prediction()


class _Rows:
    """Copies of what belongs to the rows of a prediction, to be changed row by row."""

    def __init__(self, before: Prediction, ridge: Ridge, penalty: RealNumber) -> None:
        means = before.means
        self.before, self.ridge, self.penalty = before, ridge, penalty
        self.left, self.effects, self.seen = before.left.copy(), means.rows.copy(), means.seen_rows.copy()
        self.linked = None if means.linked_rows is None else means.linked_rows.copy()
        self.weighted = np.where(means.seen_columns[:, None], before.right, 0.0) @ ridge.root
        self.of_columns = means.mean + means.columns
        self.is_mean = not (means.rows.any() or means.columns.any() or before.left.any())

    def fit(self, row: int, columns: Int64[np.ndarray, " entries"], values: Float64[np.ndarray, " entries"]) -> None:
        """One row from all of its entries."""
        weighted, centered = self.weighted, self.before.centered
        if self.linked is not None:
            self.linked[row], linked = self._part(columns)
            weighted = np.where(linked[:, None], weighted, 0.0)
        of_columns = self.of_columns if centered else None
        self.left[row], effect = self.ridge.row(columns, values, weighted, of_columns, self.penalty)
        if not centered:  # W is everything, and the mean serves in columns without a factor alone
            effect = float((values - self.of_columns[columns]).sum()) / (values.size + SHRINKAGE)
        self.effects[row] = 0.0 if self.is_mean else effect
        self.seen[row] = True

    def _part(self, columns: Int64[np.ndarray, " entries"]) -> tuple[int, Bool[np.ndarray, " d2"]]:
        """The linked part of the table in which most of these columns are, and which columns are in it."""
        means = self.before.means
        parts = means.linked_columns
        assert parts is not None
        there = parts[columns[means.seen_columns[columns]]]
        part = int(np.bincount(there).argmax()) if there.size else -1
        return part, parts == part

    def prediction(self) -> Prediction:
        """The prediction with the rows as they are now."""
        means = dataclasses.replace(self.before.means, rows=self.effects, seen_rows=self.seen, linked_rows=self.linked)
        return dataclasses.replace(self.before, left=self.left, means=means)


def _with_units_of_new(units: Units, means: Means, known: Triplets, rows: Int64[np.ndarray, " rows"]) -> Units:
    """Units in which those of the rows without training entries so far come from their entries, if these are enough."""
    locations, scales = units.row_locations.copy(), units.row_scales.copy()
    for row in rows[~means.seen_rows[rows]].tolist():
        own = known.rows == row
        if own.sum() < FEWEST:
            continue
        columns = known.columns[own]
        bare = (known.values[own] - units.column_locations[columns]) / units.column_scales[columns]
        weights = units.column_scales[columns] ** -1.0
        location = float((weights * bare).sum() / (weights**2).sum())
        scale = float(np.sqrt(np.mean((bare - location * weights) ** 2)))
        if scale > 0:
            locations[row], scales[row] = location, scale
    return dataclasses.replace(units, row_locations=locations, row_scales=scales)
