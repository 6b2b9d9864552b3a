"""Entries folded into a model: new rows, and rows that are known with entries more, by ridge regression."""

import dataclasses
import functools

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.core.types import RealNumber
from equipoise.datasets import Triplets
from equipoise.datasets.entries.triplets import of_checked
from equipoise.estimators.complete import Means, Prediction
from equipoise.estimators.complete.means import SHRINKAGE
from equipoise.estimators.complete.parts import Parts, joined
from equipoise.estimators.model.ridge import Ridge


def together(parts: Parts) -> Triplets:
    """The entries of all parts, without times."""
    found = functools.reduce(joined, [part for part in parts if part is not None])
    return of_checked(found.rows, found.columns, found.values, found.row_ids, found.column_ids, None, found.source)


def more_rows(prediction: Prediction, count: int) -> Prediction:
    """The same with rows of zeros below, which have no entries."""
    means = prediction.means
    zeros = np.zeros(count)
    return dataclasses.replace(
        prediction,
        left=np.vstack([prediction.left, np.zeros((count, prediction.left.shape[1]))]),
        means=dataclasses.replace(
            means,
            rows=np.concatenate([means.rows, zeros]),
            seen_rows=np.concatenate([means.seen_rows, zeros.astype(bool)]),
        ),
    )


def with_entries(
    known: Triplets,
    rows: Int64[np.ndarray, " new"],
    columns: Int64[np.ndarray, " new"],
    values: Float64[np.ndarray, " new"],
    row_ids: np.ndarray,
) -> Triplets:
    """Entries with further ones; one at a place that is known replaces the one there."""
    width = known.shape[1]
    kept = ~np.isin(known.rows * width + known.columns, rows * width + columns)
    return of_checked(
        np.concatenate([known.rows[kept], rows]),
        np.concatenate([known.columns[kept], columns]),
        np.concatenate([known.values[kept], values]),
        row_ids,
        known.column_ids,
        None,
        known.source,
    )


def refolded(
    prediction: Prediction, known: Triplets, rows: Int64[np.ndarray, " rows"], ridge: Ridge, penalty: RealNumber
) -> Prediction:
    """The prediction with these rows found anew from all of their known entries; everything else stays.

    Columns without training entries have no factor, and count for the mean of the row alone.
    """
    means, centered = prediction.means, prediction.centered
    weighted = np.where(means.seen_columns[:, None], prediction.right, 0.0) @ ridge.root
    of_columns = means.mean + means.columns
    left, effects, seen = prediction.left.copy(), means.rows.copy(), means.seen_rows.copy()
    order = np.argsort(known.rows, kind="stable")
    begins, ends = (np.searchsorted(known.rows, rows, side, sorter=order) for side in ("left", "right"))
    for row, begin, end in zip(rows.tolist(), begins.tolist(), ends.tolist(), strict=True):
        columns, values = (part[order[begin:end]] for part in (known.columns, known.values))
        left[row], effect = ridge.row(columns, values, weighted, of_columns if centered else None, penalty)
        # without centering, W is everything, and the mean serves in columns without a factor alone
        apart = float((values - of_columns[columns]).sum()) / (values.size + SHRINKAGE)
        effects[row], seen[row] = effect if centered else apart, values.size > 0
    found = Means(means.mean, effects, means.columns, seen, means.seen_columns)
    return dataclasses.replace(prediction, left=left, means=found)
