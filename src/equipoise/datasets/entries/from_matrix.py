"""The known entries of a matrix."""

import pkgutil
from typing import Any

import numpy as np
import scipy.sparse
from jaxtyping import Shaped

from equipoise.core.errors import InputError
from equipoise.core.user_matrix import Missing, finite_matrix, known_entries
from equipoise.datasets.entries.triplets import Triplets, of_checked, shown_id
from equipoise.datasets.labelled import LabelledMatrix


def triplets_from_matrix(matrix: Any) -> Triplets:
    """Return the known entries of a matrix: those that are not NaN if it is dense, those stored if it is sparse.

    - `matrix`: (d1, d2), dense or SciPy sparse, or a `LabelledMatrix`, or a data frame of pandas or polars.

    Entries come row by row. Ids are the labels, or count rows and columns from 0; rows without entries stay. Raises
    `InputError` for everything that `finite_matrix` refuses, except NaN in a dense matrix, for a matrix without known
    entries, and for a label that stands twice.
    """
    if hasattr(matrix, "columns") and not isinstance(matrix, LabelledMatrix):
        matrix = pkgutil.resolve_name("equipoise.datasets.frames:matrix_from_frame")(matrix, missing="allowed")
    labelled = matrix if isinstance(matrix, LabelledMatrix) else LabelledMatrix(matrix)
    missing: Missing = "error" if scipy.sparse.issparse(labelled.matrix) else "allowed"
    found = finite_matrix(labelled.matrix, "The matrix", missing)
    rows, columns, values = known_entries(found, "The matrix")
    row_ids = _ids(labelled.row_labels, found.shape[0], "row")
    column_ids = _ids(labelled.column_labels, found.shape[1], "column")
    rows, columns = (indices.astype(np.int64, copy=False) for indices in (rows, columns))
    return of_checked(rows, columns, values, row_ids, column_ids)


def _ids(labels: Shaped[np.ndarray, " labels"] | None, length: int, which: str) -> Shaped[np.ndarray, " length"]:
    """The labels as ids, if there are any."""
    if labels is None:
        return np.arange(length, dtype=np.int64)
    seen: dict[Any, int] = {}
    for k, label in enumerate(labels.tolist()):
        if label in seen:
            raise InputError(
                f"The {which}s {seen[label] + 1} and {k + 1} of the matrix (counted from 1) both have the label "
                f"{shown_id(label)}; give each its own."
            )
        seen[label] = k
    return labels
