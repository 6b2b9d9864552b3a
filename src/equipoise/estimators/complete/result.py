"""The result of a completion."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from equipoise.core.files import whole_set, write_array, write_arrays, write_json, write_rows
from equipoise.core.status import Status
from equipoise.datasets import Triplets
from equipoise.estimators.complete.confidence import ErrorByCount, errors_by_count
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.means import SHRINKAGE, Means
from equipoise.estimators.complete.parts import Parts
from equipoise.estimators.complete.pictures import draw_answer
from equipoise.estimators.complete.prediction import Prediction
from equipoise.estimators.complete.predictions import write_predictions
from equipoise.estimators.complete.recording import HELD_OUT, TRAINING
from equipoise.estimators.complete.scores import CompletionScore, singular_values
from equipoise.plots import draw_runs, save_figure

FILES = (
    *("predictions.csv", "factors.npz", "run.nc", "run-*.nc", "certificate.json", "completed.npy", "completed.csv"),
    *("errors.png", "errors.pdf", "answer.png", "answer.pdf", "summary.json", "model.json", "model-*.npz"),
)
"""The files that `Completion.save` writes."""


@dataclasses.dataclass(frozen=True)
class Completion:
    """M ≈ W, completed, and how it was found.

    - `parts`: the entries for training, held out, and for the test; the last two may be None.
    - `methods`: the names of the methods asked for.
    - `fits`: the result of each method; fewer than `methods` after Ctrl-C.
    - `best`: the number of the best fit.
    - `prediction`: what is predicted: by the best fit, or by a baseline that is no worse on the held-out entries. Its
      factors are in canonical form: balanced, with orthogonal columns in the order of the singular values.
    - `judged`: the same from the training entries alone, which the held-out entries judged; it differs only if the
      method fits the held-out entries afterwards.
    - `scores`: one for each fit, then two for the baselines, which use the same training entries.
    - `notes`: one sentence for each thing that the user should know.
    - `kept`: the number of the score of what is predicted; `best`, unless a baseline is kept.
    """

    parts: Parts
    methods: tuple[str, ...]
    fits: tuple[Fit, ...]
    best: int
    prediction: Prediction
    judged: Prediction
    scores: tuple[CompletionScore, ...]
    notes: tuple[str, ...]
    kept: int = 0

    @property
    def training(self) -> Triplets:
        """The entries for training."""
        return self.parts[0]

    @property
    def held_out(self) -> Triplets | None:
        """The held-out entries, which chose the step and the method to keep."""
        return self.parts[1]

    @property
    def test(self) -> Triplets | None:
        """The test entries, which influenced no choice."""
        return self.parts[2]

    @property
    def means(self) -> Means:
        """The row and column means of the training entries."""
        return self.prediction.means

    @property
    def fit(self) -> Fit:
        """The best fit; `keeps_baseline` says whether a baseline is predicted instead."""
        return self.fits[self.best]

    @property
    def score(self) -> CompletionScore:
        """The score of what is predicted: that of the best fit, or of the baseline that is kept."""
        return self.scores[self.kept]

    @property
    def keeps_baseline(self) -> bool:
        """Whether a baseline is predicted, because no method is better on the held-out entries."""
        return self.kept >= len(self.fits)

    @property
    def errors_by_count(self) -> tuple[ErrorByCount, ...]:
        """The errors on the test entries, or else the held-out ones, by how many entries their row and column have."""
        if self.test is not None:
            return errors_by_count(self.prediction, self.training, self._bare(self.test))
        if self.held_out is not None:
            return errors_by_count(self.judged, self.training, self._bare(self.held_out))
        return ()

    def _bare(self, part: Triplets) -> Triplets:
        units = self.prediction.units
        return part if units is None else units.without(part)

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended a method, or prevented its start."""
        return len(self.fits) < len(self.methods) or any(fit.interrupted for fit in self.fits)

    def predict(self, row_id: Any, column_id: Any) -> float:
        """The prediction for one entry.

        - `row_id`: the id of its row.
        - `column_id`: the id of its column.

        Raises `InputError` for an unknown id.
        """
        row, column = self.training.index_of(row_id, column_id)
        return float(self.at(np.array([row]), np.array([column]))[0])

    def at(
        self, rows: Int64[np.ndarray, " entries"], columns: Int64[np.ndarray, " entries"]
    ) -> Float64[np.ndarray, " entries"]:
        """The predictions at these rows and columns, counted from 0."""
        return self.prediction.at(rows, columns)

    def dense(self) -> Float64[np.ndarray, "d1 d2"]:
        """The completed matrix: every known entry unchanged, and a prediction everywhere else.

        Raises `InputError` if it does not fit in memory.
        """
        matrix = self.prediction.dense()
        for part in self.parts:
            if part is not None:
                matrix[part.rows, part.columns] = part.values
        return matrix

    def save(
        self,
        folder: Path,
        *,
        dense: bool = False,
        about: Mapping[str, Any] | None = None,
        also: Callable[[Path], Mapping[str, Path]] | None = None,
    ) -> dict[str, Path]:
        """Write predictions, factors, runs, certificate, a picture and a summary, as a set or not at all.

        - `folder`: where to write; the files of an earlier completion there are replaced as a set.
        - `dense`: whether to write the completed matrix, completed.npy, too, and completed.csv if rows or columns have
          ids other than 0, 1, 2, ...; False by default.
        - `about`: further facts for the summary, such as the file that the entries were read from.
        - `also`: a function that writes further files of the set into the folder that it is given, such as its model,
          and returns their paths by name; a model of another completion is deleted.

        Returns the paths. Read factors.npz with `numpy.load`, and the runs with `equipoise.load`. Raises `InputError`
        if the folder cannot be written or is full, or if the dense matrix does not fit in memory; an earlier completion
        there then stays.
        """
        folder = Path(folder)
        with whole_set(folder, FILES) as fresh:
            written = {**self._written(fresh, dense), **(also(fresh) if also else {})}
            paths = {name: folder / path.name for name, path in written.items()}
            paths["summary"] = folder / "summary.json"
            write_json(fresh / "summary.json", {**(about or {}), **self.summary(), "files": paths})
        return paths

    def _written(self, folder: Path, dense: bool) -> dict[str, Path]:
        """Everything but the summary, written into an empty folder."""
        paths = {
            "predictions": write_predictions(folder / "predictions.csv", self.judged, self.prediction, self.parts),
            "factors": write_arrays(folder / "factors.npz", **self._arrays()),
        }
        if dense:
            matrix = self.dense()
            paths["completed"] = write_array(folder / "completed.npy", matrix)
            if self._has_names():
                paths["completed_table"] = self._save_table(folder / "completed.csv", matrix)
        paths |= self._save_runs(folder) | self._save_answer(folder)
        for fit in self.fits:
            if fit.certificate is not None:
                paths["certificate"] = write_json(folder / "certificate.json", fit.certificate.summary())
        return paths

    def _has_names(self) -> bool:
        ids = (self.training.row_ids, self.training.column_ids)
        return any(not np.array_equal(each, np.arange(each.size)) for each in ids)

    def _save_table(self, path: Path, matrix: Float64[np.ndarray, "d1 d2"]) -> Path:
        """The completed matrix as a table with the ids of its rows and columns."""
        rows = ([name, *row.tolist()] for name, row in zip(self.training.row_ids.tolist(), matrix, strict=True))
        return write_rows(path, ("", *map(str, self.training.column_ids.tolist())), rows)

    def _save_runs(self, folder: Path) -> dict[str, Path]:
        """The runs of gradient methods, and a picture of them."""
        runs = {fit.method: fit.run for fit in self.fits if fit.run is not None}
        names = {method: "run" if len(runs) == 1 else f"run-{method}" for method in runs}
        paths = {
            names[method].replace("-", "_"): run.save(folder / f"{names[method]}.nc") for method, run in runs.items()
        }
        if runs:
            errors = (TRAINING, HELD_OUT) if self.held_out is not None else (TRAINING,)
            figure = draw_runs({method: run.dataset for method, run in runs.items()}, errors)
            paths["picture"], paths["picture_pdf"] = save_figure(figure, folder / "errors")
        return paths

    def _save_answer(self, folder: Path) -> dict[str, Path]:
        """A picture of predictions and spectra."""
        unseen = None
        for name, part, by in (("held out", self.held_out, self.judged), ("test", self.test, self.prediction)):
            if part is not None:
                unseen = name, (part.values, by.at(part.rows, part.columns))
        figure = draw_answer(unseen, {fit.method: singular_values(fit) for fit in self.fits})
        png, pdf = save_figure(figure, folder / "answer")
        return {"answer": png, "answer_pdf": pdf}

    def _arrays(self) -> dict[str, np.ndarray]:
        """W in factors, the means, scales and limits if there are any, and the ids of rows and columns."""
        ids = {"row_ids": self.training.row_ids, "column_ids": self.training.column_ids}
        plain = {name: array.astype(str) if array.dtype.kind == "O" else array for name, array in ids.items()}
        means = {"mean": np.array(self.means.mean), "row_means": self.means.rows, "column_means": self.means.columns}
        factors = {"left": self.prediction.left, "right": self.prediction.right}
        units, limits = self.prediction.units, self.prediction.limits
        scales = (
            {} if units is None else {field.name: getattr(units, field.name) for field in dataclasses.fields(units)}
        )
        clipped = {} if limits is None else {"limits": np.array(limits)}
        return {**factors, "centered": np.array(self.prediction.centered), **means, **scales, **clipped, **plain}

    def summary(self) -> dict[str, Any]:
        """The result and the settings as plain numbers, strings, lists and dictionaries."""
        parts = {"training": self.training, "held_out": self.held_out, "test": self.test}
        certificates = [fit.certificate for fit in self.fits if fit.certificate is not None]
        return {
            "shape": list(self.training.shape),
            "entries": {name: 0 if part is None else int(part.values.size) for name, part in parts.items()},
            "centered": self.prediction.centered,
            "shrinkage": SHRINKAGE,
            "scaled": None if self.prediction.units is None else self.prediction.units.sides,
            "limits": None if self.prediction.limits is None else list(self.prediction.limits),
            "kept": self.score.method,
            "baseline_kept": self.keeps_baseline,
            **{k: v for k, v in self.score._asdict().items() if k not in ("method", "seconds", "status")},
            "unseen": self.means.unseen,
            "comparison": [score._asdict() for score in self.scores],
            "errors_by_count": [each._asdict() for each in self.errors_by_count],
            "settings": [fit.settings._asdict() for fit in self.fits if fit.settings is not None],
            "certificate": certificates[0].summary() if certificates else None,
            "status": Status.interrupted.name if self.interrupted else self.fit.status,
            "notes": list(self.notes),
        }
