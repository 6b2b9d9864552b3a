"""Row and column means: the baseline for comparison, and what `center` subtracts."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float64, Int64

from equipoise.datasets import Triplets

SHRINKAGE = 5.0
"""Each row and column counts as if it had this many more entries, all equal to the prediction without it."""
_ROUNDS, _SETTLED = 1000, 1e-10


@dataclasses.dataclass(frozen=True)
class Means:
    """mean + rows[i] + columns[j], fitted to the training entries; rows[i] or columns[j] is 0 if it has none.

    The fit is least squares with the penalty `SHRINKAGE` (Σ rows² + Σ columns²), by alternating updates until
    convergence.

    - `mean`: the mean of the training entries.
    - `rows`: the effect of each row.
    - `columns`: the effect of each column.
    - `seen_rows`: whether each row has training entries.
    - `seen_columns`: whether each column has training entries.
    """

    mean: float
    rows: Float64[np.ndarray, " d1"]
    columns: Float64[np.ndarray, " d2"]
    seen_rows: Bool[np.ndarray, " d1"]
    seen_columns: Bool[np.ndarray, " d2"]

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
        """Whether both the row and the column of each place have training entries."""
        return self.seen_rows[rows] & self.seen_columns[columns]

    @property
    def unseen(self) -> dict[str, int]:
        """The numbers of rows and columns without training entries; there the means replace the method's prediction."""
        return {"rows": int((~self.seen_rows).sum()), "columns": int((~self.seen_columns).sum())}


def means_of(training: Triplets) -> Means:
    """The means of the training entries."""
    counts = [
        np.bincount(index, minlength=size)
        for index, size in zip((training.rows, training.columns), training.shape, strict=True)
    ]
    mean = float(training.values.mean())
    centered = training.values - mean
    scale = float(np.abs(centered).max(initial=0.0))
    rows, columns = (np.zeros(size) for size in training.shape)
    for _ in range(_ROUNDS):
        before = rows, columns
        columns = _effects(training.columns, centered - rows[training.rows], counts[1])
        rows = _effects(training.rows, centered - columns[training.columns], counts[0])
        moved = max(np.abs(rows - before[0]).max(), np.abs(columns - before[1]).max())
        if moved <= _SETTLED * scale:
            break
    return Means(mean, rows, columns, counts[0] > 0, counts[1] > 0)


def _effects(
    index: Int64[np.ndarray, " entries"], left: Float64[np.ndarray, " entries"], counts: Int64[np.ndarray, " size"]
) -> Float64[np.ndarray, " size"]:
    return np.bincount(index, left, minlength=counts.size) / (counts + SHRINKAGE)
