"""A matrix with the labels of its rows and columns."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from equipoise.core.user_matrix import Matrix


class LabelledMatrix(NamedTuple):
    """A matrix, and what its rows and columns are called.

    - `matrix`: (d1, d2), a float64 array, or a csr_array if the file is sparse.
    - `row_labels`, `column_labels`: whole numbers, or text in an object array; None if the file has none.
    - `said`: what was found out about the file, one phrase each.
    """

    matrix: Matrix
    row_labels: Shaped[np.ndarray, " d1"] | None = None
    column_labels: Shaped[np.ndarray, " d2"] | None = None
    said: tuple[str, ...] = ()

    def arrays(self) -> dict[str, Shaped[np.ndarray, " labels"]]:
        """The labels that there are, as "row_labels" and "column_labels", for `numpy.savez` without pickling."""
        named = {"row_labels": self.row_labels, "column_labels": self.column_labels}
        return {
            name: labels.astype(str) if labels.dtype.kind == "O" else labels
            for name, labels in named.items()
            if labels is not None
        }
