"""New entries taken into a prediction: the rows and columns they touch are found anew, and the rest stays."""

import dataclasses

import numpy as np
from jaxtyping import Int64

from equipoise.datasets import Triplets
from equipoise.estimators.complete import Prediction
from equipoise.estimators.complete.means import linked_again
from equipoise.estimators.model.folding import more_rows, refolded
from equipoise.estimators.model.ridge import Ridge


def renewed(
    before: Prediction,
    known: Triplets,
    rows: Int64[np.ndarray, " rows"],
    columns: Int64[np.ndarray, " columns"],
    ridge: Ridge,
) -> Prediction:
    """The prediction with these rows and columns found anew from all of their known entries.

    New rows come first, then the columns, then all of the rows. Those that `known` has beyond `before` are new.
    """
    ridges = ridge, ridge.of_columns(before)
    grown = more_rows(before, known.shape[0] - before.left.shape[0])
    grown = more_rows(grown.transposed, known.shape[1] - before.right.shape[0]).transposed
    found = _with_rows(_linked(grown, known), known, rows[~grown.means.seen_rows[rows]], ridges[0])
    found = _with_rows(_at_the_mean(found, rows).transposed, known.transposed, columns, ridges[1]).transposed
    return _with_rows(found, known, rows, ridges[0])


def _with_rows(before: Prediction, known: Triplets, rows: Int64[np.ndarray, " rows"], ridge: Ridge) -> Prediction:
    """The rows found anew, but for those all of whose entries are in columns that are not seen as yet."""
    seen = np.zeros(known.shape[0], bool)
    seen[known.rows[before.means.seen_columns[known.columns]]] = True
    return _linked(refolded(before, known, rows[seen[rows]], ridge, ridge.penalty), known)


def _at_the_mean(before: Prediction, rows: Int64[np.ndarray, " rows"]) -> Prediction:
    """The prediction in which chosen rows that have not been seen count as seen, without an effect or a factor."""
    seen = before.means.seen_rows.copy()
    seen[rows] = True
    return dataclasses.replace(before, means=dataclasses.replace(before.means, seen_rows=seen))


def _linked(before: Prediction, known: Triplets) -> Prediction:
    """The prediction with the parts of the table that the entries link."""
    return dataclasses.replace(before, means=linked_again(before.means, known))
