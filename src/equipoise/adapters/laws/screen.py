"""The screen: one look at many columns tells which parts of them can hold no law."""

from collections.abc import Collection, Sequence

import numpy as np
import scipy.linalg
from jaxtyping import Float

from equipoise.adapters.laws.columns import Column
from equipoise.adapters.laws.null import scaled

_CARE, _ROUNDING, _OUTSIDE = 30, 1e-6, 0.1


class Screen:
    """The combinations of columns that may be zero, so that parts of the columns without one need no search.

    A law of a part is a law of the whole that is zero on all other columns. The singular values are those of the Gram
    matrix, which is many times faster than those of the sums and knows them to 1e-8; combinations of up to 30
    tolerances, or 1e-6, are taken along for the exact search.

    - `columns`: the columns.
    - `sums`, `squares`: as for `null_laws`.
    - `tolerance`: the relative singular value up to which one counts as zero.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        sums: Float[np.ndarray, "rows columns"],
        squares: Float[np.ndarray, "rows columns"],
        tolerance: float,
    ) -> None:
        self._columns = columns
        system = scaled(sums, squares)
        self._free = np.eye(len(columns)) if system is None else np.zeros((0, len(columns)))
        if system is None:
            return
        matrix, _, live = system
        gram = matrix.T @ matrix
        limit = max(_CARE * tolerance, _ROUNDING) ** 2
        if _is_above(gram, limit):
            return
        values, vectors = scipy.linalg.eigh(gram, check_finite=False)
        self._free = np.zeros((int((values <= limit).sum()), len(columns)))
        self._free[:, live] = vectors[:, values <= limit].T

    @property
    def is_open(self) -> bool:
        """Whether there may be a law."""
        return len(self._free) > 0

    def allows(self, inside: Collection[Column]) -> bool:
        """Whether some of the columns may hold a law by themselves."""
        if not self.is_open:
            return False
        part = set(inside)
        outside = self._free[:, [k for k, column in enumerate(self._columns) if column not in part]]
        if outside.shape[1] < len(outside):
            return True
        return bool(scipy.linalg.svdvals(outside, check_finite=False)[-1] < _OUTSIDE)


def _is_above(gram: Float[np.ndarray, "columns columns"], limit: float) -> bool:
    """Whether all eigenvalues are above the limit."""
    try:
        scipy.linalg.cholesky(gram - limit * np.eye(len(gram)), check_finite=False)
    except scipy.linalg.LinAlgError:
        return False
    return True
