"""Row and column means: the baseline for comparison, and what `center` subtracts."""

import dataclasses

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph
import scipy.sparse.linalg
from jaxtyping import Bool, Float64, Int32, Int64

from equipoise.datasets import Triplets

SHRINKAGE = 5.0
"""Each row and column counts as if it had this many more entries, all equal to the prediction without it."""
_ROUNDS, _SETTLED = 1000, 1e-12


@dataclasses.dataclass(frozen=True)
class Means:
    """mean + rows[i] + columns[j], fitted to the training entries; rows[i] or columns[j] is 0 if it has none.

    The fit is least squares with the penalty `SHRINKAGE` (Σ rows² + Σ columns²); each entry counts by its weight over
    the mean weight.

    - `mean`: the mean of the training entries.
    - `rows`: the effect of each row.
    - `columns`: the effect of each column.
    - `seen_rows`: whether each row has training entries.
    - `seen_columns`: whether each column has training entries.
    - `linked_rows`, `linked_columns`: the number of the connected part of the table that each row and column is in, if
      rows and columns are joined by their training entries; None if all is one part. Entries say nothing about the
      product of a row and a column in different parts.
    """

    mean: float
    rows: Float64[np.ndarray, " d1"]
    columns: Float64[np.ndarray, " d2"]
    seen_rows: Bool[np.ndarray, " d1"]
    seen_columns: Bool[np.ndarray, " d2"]
    linked_rows: Int32[np.ndarray, " d1"] | None = None
    linked_columns: Int32[np.ndarray, " d2"] | None = None

    def at(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Float64[np.ndarray, " entries"]:
        """The predictions at these places."""
        return self.mean + self.rows[rows] + self.columns[columns]

    def dense(self) -> Float64[np.ndarray, "d1 d2"]:
        """The predictions everywhere."""
        return self.mean + self.rows[:, None] + self.columns[None, :]

    def seen(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Bool[np.ndarray, " entries"]:
        """Whether the row and the column of each place have training entries, and are linked by them."""
        found = self.seen_rows[rows] & self.seen_columns[columns]
        if self.linked_rows is not None and self.linked_columns is not None:
            found &= self.linked_rows[rows] == self.linked_columns[columns]
        return found

    def seen_everywhere(self) -> Bool[np.ndarray, "d1 d2"]:
        """The same for all places."""
        found = self.seen_rows[:, None] & self.seen_columns[None, :]
        if self.linked_rows is not None and self.linked_columns is not None:
            found &= self.linked_rows[:, None] == self.linked_columns[None, :]
        return found

    @property
    def transposed(self) -> "Means":
        """Those of the transposed table."""
        seen, linked = (self.seen_columns, self.seen_rows), (self.linked_columns, self.linked_rows)
        return Means(self.mean, self.columns, self.rows, *seen, *linked)

    @property
    def parts(self) -> int:
        """The number of parts of the table that no training entry joins, without empty rows and columns."""
        return 1 if self.linked_rows is None else int(np.unique(self.linked_rows[self.seen_rows]).size)

    def only_mean(self) -> "Means":
        """The mean of all entries, without effects of rows and columns."""
        return dataclasses.replace(self, rows=np.zeros_like(self.rows), columns=np.zeros_like(self.columns))

    @property
    def unseen(self) -> dict[str, int]:
        """The numbers of rows and columns without training entries; there the means replace the method's prediction."""
        return {"rows": int((~self.seen_rows).sum()), "columns": int((~self.seen_columns).sum())}


def means_of(training: Triplets) -> Means:
    """The means of the training entries."""
    weights = np.ones(len(training)) if training.weights is None else training.weights / training.weights.mean()
    known, counts = _places(training, weights)
    mean = float(np.average(training.values, weights=training.weights))
    centered = (training.values - mean) * weights
    sums = [
        np.bincount(index, centered, minlength=size)
        for index, size in zip((training.rows, training.columns), training.shape, strict=True)
    ]
    columns = _column_effects(known, sums, counts)
    rows = (sums[0] - known @ columns) / (counts[0] + SHRINKAGE)
    return Means(mean, rows, columns, counts[0] > 0, counts[1] > 0, *_linked(known, counts))


def linked_again(means: Means, entries: Triplets) -> Means:
    """The means with the connected parts of the table of these entries."""
    rows, columns = _linked(*_places(entries, np.ones(len(entries))))
    return dataclasses.replace(means, linked_rows=rows, linked_columns=columns)


def _places(
    entries: Triplets, weights: Float64[np.ndarray, " entries"]
) -> tuple[scipy.sparse.csr_array, list[np.ndarray]]:
    """The weights where entries are known, and their sums over each row and column."""
    places, shape = (entries.rows, entries.columns), entries.shape
    counts = [np.bincount(index, weights, minlength=size) for index, size in zip(places, shape, strict=True)]
    return scipy.sparse.csr_array((weights, places), shape=shape), counts


def _linked(
    known: scipy.sparse.csr_array, counts: list[np.ndarray]
) -> tuple[Int32[np.ndarray, " d1"] | None, Int32[np.ndarray, " d2"] | None]:
    """The connected part of each row and column; (None, None) if all that have entries are in one."""
    d1, d2 = known.shape
    graph = scipy.sparse.block_array([[None, known], [scipy.sparse.csr_array((d2, d1)), None]], format="csr")
    labels = scipy.sparse.csgraph.connected_components(graph, directed=False)[1]
    rows, columns = labels[:d1], labels[d1:]
    if np.unique(rows[counts[0] > 0]).size == 1:
        return None, None
    return rows, columns


def _column_effects(
    known: scipy.sparse.csr_array, sums: list[np.ndarray], counts: list[np.ndarray]
) -> Float64[np.ndarray, " d2"]:
    """The normal equations after the rows are eliminated, by conjugate gradients scaled by the counts."""
    of_rows, of_columns = (1 / (count + SHRINKAGE) for count in counts)

    def normal(columns: Float64[np.ndarray, " d2"]) -> Float64[np.ndarray, " d2"]:
        return columns / of_columns - known.T @ (of_rows * (known @ columns))

    shape = (of_columns.size, of_columns.size)
    operator = scipy.sparse.linalg.LinearOperator(shape, normal, dtype=np.float64)
    scaled = scipy.sparse.linalg.LinearOperator(shape, lambda w: of_columns * w, dtype=np.float64)
    right = sums[1] - known.T @ (of_rows * sums[0])
    return np.asarray(scipy.sparse.linalg.cg(operator, right, rtol=_SETTLED, atol=0.0, maxiter=_ROUNDS, M=scaled)[0])
