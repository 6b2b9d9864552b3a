"""Columns of unlike size: centered and scaled before a factorization, and given back after it."""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse
from jaxtyping import Float64

from equipoise.core.errors import InputError
from equipoise.core.user_matrix import finite_matrix
from equipoise.estimators.factor.leading import as_numpy
from equipoise.problems import Dense, Full, Sparse
from equipoise.problems.measurements import AbstractMeasurement

APART = 1e3
"""The ratio of the sizes of columns from which on a note suggests to center and scale them."""

_CONSTANT = 1e-12


class Prepared(NamedTuple):
    """(M − 1μᵀ) diag(s)⁻¹.

    - `matrix`: what is factored.
    - `means` (d2,): μ in [M]; None if the columns are not centered.
    - `scales` (d2,): s in [M]; None if they are not scaled.
    """

    matrix: Any
    means: Float64[np.ndarray, " d2"] | None
    scales: Float64[np.ndarray, " d2"] | None


def prepared(matrix: Any, *, center: bool, scale: bool) -> Prepared:
    """The matrix with the means subtracted from its columns, and the columns divided by their root mean squares.

    A column that is constant, or 0, is not divided. Raises `InputError` for centering a sparse matrix, and if nothing
    but zeros would be left.
    """
    if not (center or scale):
        return Prepared(matrix, None, None)
    checked = finite_matrix(matrix, "The matrix", counted_from=0)
    sparse = scipy.sparse.issparse(checked)
    if center and sparse:
        raise InputError("The matrix is sparse and would not stay so; leave out center=True, or give a dense one.")
    means = np.mean(checked, axis=0) if center else None
    left = checked if means is None else checked - means
    if means is not None:
        constant = np.ptp(checked, axis=0) <= _CONSTANT * np.abs(means)
        left[:, constant] = 0.0
        if constant.all():
            raise InputError("Every column of the matrix is constant, so its mean says all; leave out center=True.")
    if not scale:
        return Prepared(left, means, None)
    sizes = _sizes(left)
    scales = np.where(sizes > 0, sizes, 1.0)
    divided = (left @ scipy.sparse.diags_array(1 / scales)).tocsr() if sparse else left / scales
    return Prepared(divided, means, scales)


def sizes_apart(measurement: AbstractMeasurement) -> float:
    """The ratio of the largest root mean square of a column to the least that is not 0; 1 if M is given in factors."""
    if not isinstance(measurement, Full) or not isinstance(measurement.target, (Dense, Sparse)):
        return 1.0
    sizes = _sizes(as_numpy(measurement.target))
    sizes = sizes[sizes > 0]
    return float(sizes.max() / sizes.min()) if sizes.size else 1.0


def _sizes(matrix: Any) -> Float64[np.ndarray, " d2"]:
    """The root mean squares of the columns, by the largest entry of each so that no square overflows."""
    sparse = scipy.sparse.issparse(matrix)
    largest = np.asarray(abs(matrix).max(axis=0).toarray()).ravel() if sparse else np.abs(matrix).max(axis=0)
    largest = np.where(largest > 0, largest, 1.0)
    parts = matrix @ scipy.sparse.diags_array(1 / largest) if sparse else matrix / largest
    squares = np.asarray((parts**2).sum(axis=0)).ravel() / matrix.shape[0]
    return np.asarray(largest * np.sqrt(squares), dtype=np.float64)
