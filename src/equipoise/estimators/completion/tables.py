"""The predictions of a completion as a file."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.core.files import whole_file

if TYPE_CHECKING:
    from equipoise.estimators.completion.result import Completion


def write_predictions(found: "Completion", path: Path) -> Path:
    """A line for each entry held out or kept for the test: row id, column id, part, its value, and the prediction."""
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("row", "column", "part", "value", "prediction"))
        for name, part in (("held out", found.held_out), ("test", found.test)):
            if part is not None:
                ids = part.row_ids[part.rows].tolist(), part.column_ids[part.columns].tolist()
                predicted = found.at(part.rows, part.columns).tolist()
                writer.writerows(zip(*ids, [name] * len(predicted), part.values.tolist(), predicted, strict=True))
    return path
