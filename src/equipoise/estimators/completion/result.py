"""What a completion hands back."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.core.errors import InputError
from equipoise.core.files import whole_file, write_text
from equipoise.datasets import Triplets
from equipoise.estimators.completion.baseline import SHRINKAGE, Means
from equipoise.estimators.completion.methods import Fit
from equipoise.estimators.completion.notes import notes_on
from equipoise.estimators.completion.rows import Predictor, Score
from equipoise.estimators.completion.tables import write_predictions


@dataclasses.dataclass(frozen=True)
class Completion:
    """M ≈ W, filled in, and how.

    `fits` are what each of the `methods` found, of which number `best` is kept; `scores` have a row for each, then for
    two baselines, which are fitted to the same `training` entries. `means` are those of rows and columns, part of W
    where `centred`, and what is predicted where a row or column has no training entry.
    """

    training: Triplets
    held_out: Triplets | None
    test: Triplets | None
    methods: tuple[str, ...]
    fits: tuple[Fit, ...]
    scores: tuple[Score, ...]
    means: Means
    centred: bool
    best: int

    @property
    def fit(self) -> Fit:
        """The one that is kept."""
        return self.fits[self.best]

    @property
    def score(self) -> Score:
        """The row of the one that is kept."""
        return self.scores[self.best]

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended a method, or kept one from its beginning."""
        return len(self.fits) < len(self.methods) or any(fit.status == "interrupted" for fit in self.fits)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, in a sentence each."""
        return notes_on(self)

    def predict(self, row_id: Any, column_id: Any) -> float:
        """The entry at the row and column of these ids; `InputError` for an id that is not there."""
        row, column = self.training.index_of(row_id, column_id)
        return float(self.at(np.array([row]), np.array([column]))[0])

    def at(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Float64[np.ndarray, " entries"]:
        """The entries at these rows and columns, counted from 0."""
        return predictor(self.fit, self.means, self.centred)(rows, columns)

    def dense(self) -> Float64[np.ndarray, "d1 d2"]:
        """The completed matrix: what is known as it is, training or not, and a prediction everywhere else.

        Raises `InputError` if it does not fit in memory.
        """
        try:
            means = self.means.dense()
            matrix = self.fit.left @ self.fit.right.T + (means if self.centred else 0.0)
        except MemoryError as error:
            rows, columns = self.training.shape
            raise InputError(
                f"A dense matrix of {rows} x {columns} does not fit in memory; ask for some entries by at()."
            ) from error
        unseen = ~(self.means.seen_rows[:, None] & self.means.seen_columns[None, :])
        matrix[unseen] = means[unseen]
        for part in (self.training, self.held_out, self.test):
            if part is not None:
                matrix[part.rows, part.columns] = part.values
        return matrix

    def save(self, folder: Path, *, dense: bool = False) -> dict[str, Path]:
        """Write predictions.csv, factors.npz, the runs, certificate.json and, if asked for, completed.npy.

        Each is written whole or not at all; returns their paths. Raises `InputError` if the folder cannot be written.
        """
        paths = {"predictions": write_predictions(self, folder / "predictions.csv")}
        paths["factors"] = factors = folder / "factors.npz"
        with whole_file(factors) as temporary:
            np.savez(temporary, allow_pickle=False, **self._arrays())
        runs = [fit for fit in self.fits if fit.run is not None]
        for fit in runs:
            assert fit.run is not None
            name = "run" if len(runs) == 1 else f"run-{fit.method}"
            paths[name.replace("-", "_")] = fit.run.save(folder / f"{name}.nc")
        for fit in self.fits:
            if fit.certificate is not None:
                paths["certificate"] = folder / "certificate.json"
                write_text(paths["certificate"], json.dumps(fit.certificate.summary(), indent=2) + "\n")
        if dense:
            paths["completed"] = completed = folder / "completed.npy"
            matrix = self.dense()
            with whole_file(completed) as temporary:
                np.save(temporary, matrix)
        return paths

    def _arrays(self) -> dict[str, np.ndarray]:
        """W in factors, the means, and the ids of rows and columns."""
        ids = {"row_ids": self.training.row_ids, "column_ids": self.training.column_ids}
        plain = {name: array.astype(str) if array.dtype.kind == "O" else array for name, array in ids.items()}
        means = {"mean": np.array(self.means.mean), "row_means": self.means.rows, "column_means": self.means.columns}
        return {"left": self.fit.left, "right": self.fit.right, "centred": np.array(self.centred), **means, **plain}

    def summary(self) -> dict[str, Any]:
        """The result and the settings as plain numbers, strings, lists and dictionaries."""
        parts = {"training": self.training, "held_out": self.held_out, "test": self.test}
        certificates = [fit.certificate for fit in self.fits if fit.certificate is not None]
        return {
            "shape": list(self.training.shape),
            "entries": {name: 0 if part is None else int(part.values.size) for name, part in parts.items()},
            "centred": self.centred,
            "shrinkage": SHRINKAGE,
            "kept": self.fit.method,
            **{k: v for k, v in self.score._asdict().items() if k not in ("method", "seconds", "status")},
            "unseen": self.unseen(),
            "comparison": [score._asdict() for score in self.scores],
            "settings": [fit.settings._asdict() for fit in self.fits if fit.settings is not None],
            "certificate": certificates[0].summary() if certificates else None,
            "status": "interrupted" if self.interrupted else self.fit.status,
            "notes": list(self.notes),
        }

    def unseen(self) -> dict[str, int]:
        """How many rows and columns have no training entry, so that means stand in for the method there."""
        rows, columns = (~seen for seen in (self.means.seen_rows, self.means.seen_columns))
        return {"rows": int(rows.sum()), "columns": int(columns.sum())}


def predictor(fit: Fit, means: Means, centred: bool) -> Predictor:
    """W at given rows and columns; means where a row or column has no training entry."""

    def predict(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        usual = means.at(rows, columns)
        return np.where(means.seen(rows, columns), fit.at(rows, columns) + (usual if centred else 0.0), usual)

    return predict
