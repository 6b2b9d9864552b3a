"""A file of predictions for entries whose values are known."""

from pathlib import Path

from equipoise.core.files import write_rows
from equipoise.datasets import Triplets
from equipoise.estimators.complete.parts import Parts
from equipoise.estimators.complete.prediction import Prediction


def write_predictions(path: Path, judged: Prediction, final: Prediction, parts: Parts) -> Path:
    """Write one line per held-out or test entry: row id, column id, part, its value, and the prediction.

    Held-out entries are predicted by `judged`, which has not seen them, and those of the test by `final`.
    """
    named = (("held out", parts[1], judged), ("test", parts[2], final))
    rows = (row for name, part, by in named if part is not None for row in _rows(name, part, by))
    return write_rows(path, ("row", "column", "part", "value", "prediction"), rows)


def _rows(name: str, part: Triplets, prediction: Prediction) -> "zip[tuple[object, ...]]":
    ids = part.row_ids[part.rows].tolist(), part.column_ids[part.columns].tolist()
    predicted = prediction.at(part.rows, part.columns).tolist()
    return zip(*ids, [name] * len(predicted), part.values.tolist(), predicted, strict=True)
