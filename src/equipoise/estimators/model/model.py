"""A model: what a completion found, with all that is needed to use it later."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64

from equipoise.core.checks import non_negative_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.core.version import __version__
from equipoise.datasets import Triplets
from equipoise.estimators.complete import Completion, Prediction
from equipoise.estimators.model.answers import (
    Predicted,
    Recommended,
    best_columns,
    check_unknown,
    too_few,
    unknown_ids,
    values_at,
)
from equipoise.estimators.model.folding import more_rows, refolded, together, with_entries
from equipoise.estimators.model.ids import UNKNOWN, given_ids, like, places_of, with_new
from equipoise.estimators.model.origin import Origin, origin_of
from equipoise.estimators.model.renewal import renewed
from equipoise.estimators.model.ridge import Ridge, ridge_of
from equipoise.estimators.model.saving import arrays_of, save_model


@dataclasses.dataclass(frozen=True, eq=False)
class CompletionModel:
    """A completion to use later: it predicts by ids, recommends, takes in new rows, and is saved in a folder.

    - `prediction`: W, the means, units and limits, as the completion kept them.
    - `known`: all entries that were given, for training, held out and for the test, with the ids of rows and columns.
    - `ridge`: the ridge regression of `fold_in`, with its penalty.
    - `titles`: the titles of row ids, column ids and values in the table.
    - `summary`: settings and results of the completion, as in its summary.json.
    - `origin`: the file of the entries; None if they come from none.
    - `notes`: sentences on what the last `fold_in` left out.
    - `version`: the version of the package that made it.
    """

    prediction: Prediction
    known: Triplets
    ridge: Ridge
    titles: tuple[str, str, str] = ("row", "column", "value")
    summary: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    origin: Origin | None = None
    notes: tuple[str, ...] = ()
    version: str = __version__

    @staticmethod
    def of(
        found: Completion,
        *,
        titles: tuple[str, str, str] = ("row", "column", "value"),
        file: Path | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> "CompletionModel":
        """The model of a completion.

        - `found`: the result of `equipoise.estimators.complete`.
        - `titles`: the titles of row ids, column ids and values.
        - `file`: the file that the entries were read from, whose content is hashed; None for none.
        - `about`: further facts for `summary`.
        """
        return CompletionModel(
            found.prediction,
            together(found.parts),
            ridge_of(found),
            titles,
            {**(about or {}), **found.summary()},
            None if file is None else origin_of(file),
        )

    @property
    def row_ids(self) -> np.ndarray:
        """The ids of all rows."""
        return self.known.row_ids

    @property
    def column_ids(self) -> np.ndarray:
        """The ids of all columns."""
        return self.known.column_ids

    def predict(self, rows: Any, columns: Any, *, unknown: str = "means") -> Predicted:
        """The predictions for pairs of ids.

        - `rows`, `columns`: as many ids of rows as of columns; or one id of either, for all of the other.
        - `unknown`: for a pair with an unknown id, "means", the default, predicts the overall mean plus the effect of
          the other id, and a note counts such ids; "error" raises `InputError`.

        Raises `InputError` for ids of another type than those of the model, and for lists of different lengths.
        """
        check_unknown(unknown)
        ids, others = given_ids(rows), given_ids(columns)
        if len(ids) != len(others) and 1 not in (len(ids), len(others)):
            raise InputError(f"There are {len(ids)} row ids and {len(others)} column ids; give one of each per pair.")
        i, j = np.broadcast_arrays(self._rows(ids), self._columns(others))
        notes = (
            *unknown_ids(ids, self._rows(ids), "row", unknown),
            *unknown_ids(others, self._columns(others), "column", unknown),
        )
        return Predicted(values_at(self.prediction, i, j), (i != UNKNOWN) & (j != UNKNOWN), notes)

    def recommend(self, row: Any, n: int = 10, *, exclude_seen: bool = True, unknown: str = "means") -> Recommended:
        """The `n` columns of a row with the largest predictions.

        - `row`: the id of the row.
        - `n`: how many columns, 1 or greater; there are fewer if no more are left.
        - `exclude_seen`: whether to leave out the columns in which an entry of the row is known; True by default.
        - `unknown`: for an unknown row, "means", the default, takes the columns of the largest means, and "error"
          raises `InputError`.
        """
        return self.recommend_all([row], n, exclude_seen=exclude_seen, unknown=unknown)[0]

    def recommend_all(
        self, rows: Any, n: int = 10, *, exclude_seen: bool = True, unknown: str = "means"
    ) -> tuple[Recommended, ...]:
        """What `recommend` gives for each of several rows, in less time; the arguments are the same."""
        check_unknown(unknown)
        count, ids = min(whole_number("n", n, 1), self.column_ids.size), given_ids(rows)
        places = self._rows(ids)
        unknown_ids(ids, places, "row", unknown)
        notes = [unknown_ids([identity], places[k : k + 1], "row", unknown) for k, identity in enumerate(ids)]
        best = best_columns(self.prediction, places, count, self.known if exclude_seen else None)
        return tuple(
            Recommended(self.column_ids[columns], values, (*note, *too_few(identity, columns.size, count)))
            for identity, (columns, values), note in zip(ids, best, notes, strict=True)
        )

    def fold_in(
        self, entries: Triplets, *, penalty: RealNumber | None = None, unknown: str = "means"
    ) -> "CompletionModel":
        """A model that also knows these entries: of new rows, and further ones of known rows.

        Each row in `entries` is found anew from all its known entries, by ridge regression against the column factors:
        u and r minimize ½ Σ (m_j + r + ⟨u, Y_j⟩ − value)² + λ/2 ⟨u, C⁻¹u⟩ + 5/2 r². Here m_j is the mean of column j, C
        is 1 for a penalized fit and else the mean of xxᵀ over the rows x of X, and r and m are 0 if the completion is
        not centered. All other rows, and all columns, stay as they are.

        - `entries`: the entries; one at a place that is known replaces the one there.
        - `penalty`: λ, in the unit of that of `ridge`, which is the default.
        - `unknown`: entries in columns that the model does not know are left out, with a note, by default; "error"
          raises `InputError` instead.

        Raises `InputError` for ids of another type than those of the model.
        """
        check_unknown(unknown)
        weight = self.ridge.penalty if penalty is None else non_negative_number("penalty", penalty)
        ids, others = like(entries, self.known)
        columns = self._columns(others)
        left_out = unknown_ids(others, columns, "column", unknown)
        notes = tuple(note.replace("means are predicted there", "entries there are left out") for note in left_out)
        row_ids = with_new(self.row_ids, ids, self._rows(ids))
        index = {identity: i for i, identity in enumerate(row_ids.tolist())}
        rows = places_of(ids, index, row_ids, "row")
        kept = columns != UNKNOWN
        known = with_entries(self.known, rows[kept], columns[kept], entries.values[kept], (row_ids, self.column_ids))
        grown = more_rows(self.prediction, row_ids.size - self.row_ids.size)
        return dataclasses.replace(
            self,
            prediction=refolded(grown, known, np.unique(rows[kept]), self.ridge, weight),
            known=known,
            notes=notes,
            version=__version__,
        )

    def update(self, entries: Triplets) -> "CompletionModel":
        """A model that also knows these entries, of new or known rows and columns.

        Their rows and columns are found anew from all of their known entries, by ridge regression as in `fold_in`: new
        rows first, then the columns, then the rows. Everything else stays, and so does the overall mean. A new
        completion of everything would be a little better, and takes longer.

        - `entries`: the entries; one at a place that is known replaces the one there.

        Raises `InputError` for ids of another type than those of the model.
        """
        ids, others = like(entries, self.known)
        row_ids = with_new(self.row_ids, ids, self._rows(ids))
        column_ids = with_new(self.column_ids, others, self._columns(others))
        rows, columns = (
            places_of(given, {identity: i for i, identity in enumerate(of.tolist())}, of, which)
            for given, of, which in ((ids, row_ids, "row"), (others, column_ids, "column"))
        )
        known = with_entries(self.known, rows, columns, entries.values, (row_ids, column_ids))
        touched = np.unique(rows), np.unique(columns)
        return dataclasses.replace(
            self,
            prediction=renewed(self.prediction, known, *touched, self.ridge),
            known=known,
            notes=(),
            version=__version__,
        )

    def save(self, folder: Path | str, *, home: Path | str | None = None) -> dict[str, Path]:
        """Write the model into a folder, as two files that are replaced together; return their paths.

        - `folder`: where to write, made if it is missing. An older model there is replaced, and other files stay.
        - `home`: where the files will lie in the end, if they are moved; by default where they are written.

        `equipoise.load_model` reads it. Raises `InputError` if the folder cannot be written.
        """
        to, limits = Path(folder), self.prediction.limits
        said = {
            "equipoise": self.version,
            "titles": list(self.titles),
            "shape": list(self.known.shape),
            "entries": len(self.known),
            "centered": self.prediction.centered,
            "penalty": self.ridge.penalty,
            "limits": None if limits is None else list(limits),
            "origin": None if self.origin is None else self.origin.seen_from(Path(home or to))._asdict(),
            "source": self.known.source,
            "summary": self.summary,
        }
        return save_model(to, said, arrays_of(self.prediction, self.known, self.ridge))

    @functools.cached_property
    def _row_index(self) -> dict[Any, int]:
        return {identity: i for i, identity in enumerate(self.row_ids.tolist())}

    @functools.cached_property
    def _column_index(self) -> dict[Any, int]:
        return {identity: i for i, identity in enumerate(self.column_ids.tolist())}

    def _rows(self, ids: list[Any]) -> Int64[np.ndarray, " ids"]:
        return places_of(ids, self._row_index, self.row_ids, "row")

    def _columns(self, ids: list[Any]) -> Int64[np.ndarray, " ids"]:
        return places_of(ids, self._column_index, self.column_ids, "column")
