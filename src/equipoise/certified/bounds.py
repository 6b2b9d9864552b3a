"""Bounds on the minimum nuclear norm that hold whatever the method did, rounding included."""

from typing import NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float

from equipoise.certified.measurements import Measurements
from equipoise.certified.types import Matrix, Vector

_EPSILON = float(np.finfo(float).eps)


class Lower(NamedTuple):
    """A dual point within the constraint, and its bound yᵀν; the bound is infinite if the point excludes every X."""

    dual: Float[np.ndarray, " m"]
    value: float


class Upper(NamedTuple):
    """A matrix that satisfies the measurements, and its nuclear norm; the norm is infinite if none was found."""

    matrix: Float[np.ndarray, "d1 d2"]
    value: float


def constraint(measurements: Measurements, dual: Vector, *, psd: bool) -> tuple[float, float]:
    """λmax(A*(ν)) if `psd`, else ‖A*(ν)‖₂: the value as computed, and an upper bound that allows for rounding.

    The allowance covers the rounding of A*(ν), and 4nε‖A*(ν)‖_F for a symmetric eigenvalue solver. For the spectral
    norm, which is the root of an eigenvalue of the Gram matrix, it is 4(d1 + d2)ε‖A*(ν)‖_F² in that matrix.
    """
    matrix = measurements.adjoint(dual)
    rounding = measurements.adjoint_rounding(dual)
    size = float(np.linalg.norm(matrix))
    allowance = 4 * _EPSILON * sum(matrix.shape) * size
    if psd:
        level = float(_largest(matrix))
        return level, level + allowance + rounding
    gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    square = max(float(_largest(gram)), 0.0)
    return float(np.sqrt(square)), float(np.sqrt(square + allowance * size)) + rounding


def lower_bound(measurements: Measurements, data: Vector, dual: Vector, *, psd: bool) -> Lower:
    """ν scaled so that A*(ν) ⪯ I, or ‖A*(ν)‖₂ ≤ 1, and yᵀν minus an allowance for rounding.

    By weak duality, yᵀν = <A*(ν), X> ≤ ‖X‖_* for every X with A(X) = y. ν = 0 gives 0, so no bound is below 0.
    """
    terms = data * dual
    value = float(terms.sum() - data.size * _EPSILON * np.abs(terms).sum())
    if not value > 0:
        return Lower(np.zeros_like(dual), 0.0)
    level = constraint(measurements, dual, psd=psd)[1]
    if level <= 0:
        return Lower(dual, np.inf)
    return Lower(dual / level, value / level * (1 - 4 * _EPSILON))


def project(measurements: Measurements, data: Vector, matrix: Matrix) -> Matrix:
    """X + A*(A A*)⁻¹(y − A(X)), the nearest matrix with A(X) = y; applied twice to bring the residual to rounding."""
    for _ in range(2):
        matrix = matrix + measurements.adjoint(measurements.solve(data - measurements.apply(matrix)))
    return matrix


def nuclear_norm(matrix: Matrix) -> float:
    """‖X‖_*, the sum of the singular values."""
    return float(scipy.linalg.svdvals(matrix, check_finite=False).sum())


def residual(measurements: Measurements, data: Vector, matrix: Matrix) -> float:
    """‖A(X) − y‖ / ‖y‖, or the numerator alone where y = 0."""
    size = float(np.linalg.norm(data))
    return float(np.linalg.norm(measurements.apply(matrix) - data)) / (size if size > 0 else 1.0)


def _largest(symmetric: Matrix) -> np.floating:
    """λmax, computed alone, or from all eigenvalues if that fails, as it may in LAPACK if they are (nearly) equal."""
    last = symmetric.shape[0] - 1
    try:
        return scipy.linalg.eigh(symmetric, eigvals_only=True, subset_by_index=(last, last), check_finite=False)[0]
    except np.linalg.LinAlgError:
        return np.linalg.eigvalsh(symmetric)[last]
