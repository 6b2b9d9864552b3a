"""How far to trust a prediction: errors by how many training entries its row and its column have."""

from typing import NamedTuple

import numpy as np

from equipoise.datasets import Triplets
from equipoise.estimators.complete.prediction import Prediction
from equipoise.estimators.complete.scores import residuals, root_mean_square

_STEPS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)


class ErrorByCount(NamedTuple):
    """The error on those entries whose row (or column) has a number of training entries in this range.

    - `side`: "rows" or "columns".
    - `least`, `most`: the range of the number of training entries; `most` is None in the last range.
    - `entries`: how many entries the error is measured on.
    - `rmse`: their root mean square error, in the units of `CompletionScore`.
    """

    side: str
    least: int
    most: int | None
    entries: int
    rmse: float


def errors_by_count(prediction: Prediction, training: Triplets, part: Triplets) -> tuple[ErrorByCount, ...]:
    """The errors of a prediction on a part, without units, in ranges of about half a decade that have entries."""
    squares = residuals(prediction, part)
    found = []
    for side, (of_training, of_part) in enumerate(((training.rows, part.rows), (training.columns, part.columns))):
        counts = np.bincount(of_training, minlength=training.shape[side])[of_part]
        numbers = np.searchsorted(_STEPS, counts, side="right") - 1
        for number in np.unique(numbers).tolist():
            here = squares[numbers == number]
            most = _STEPS[number + 1] - 1 if number + 1 < len(_STEPS) else None
            error = root_mean_square(here)
            found.append(ErrorByCount(("rows", "columns")[side], _STEPS[number], most, int(here.size), error))
    return tuple(found)
