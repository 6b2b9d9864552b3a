"""The known entries of a matrix."""

from typing import Any

import numpy as np
import scipy.sparse

from equipoise.core.user_matrix import Missing, finite_matrix, known_entries
from equipoise.datasets.entries.triplets import Triplets, of_checked


def triplets_from_matrix(matrix: Any) -> Triplets:
    """Return the known entries of a matrix: those that are not NaN if it is dense, those stored if it is sparse.

    - `matrix`: (d1, d2), dense or SciPy sparse.

    Entries come row by row. Ids count rows and columns from 0, and rows without entries stay. Raises `InputError` for
    everything that `finite_matrix` refuses, except NaN in a dense matrix, and for a matrix without known entries.
    """
    missing: Missing = "error" if scipy.sparse.issparse(matrix) else "allowed"
    found = finite_matrix(matrix, "The matrix", missing)
    rows, columns, values = known_entries(found, "The matrix")
    row_ids, column_ids = (np.arange(length, dtype=np.int64) for length in found.shape)
    rows, columns = (indices.astype(np.int64, copy=False) for indices in (rows, columns))
    return of_checked(rows, columns, values, row_ids, column_ids)
