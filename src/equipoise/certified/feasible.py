"""Positive semidefinite matrices that satisfy the measurements, by Gauss-Newton on a factor."""

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
from jaxtyping import Float

from equipoise.certified.bounds import Upper, residual
from equipoise.certified.measurements import DENSE, Measurements
from equipoise.certified.types import Matrix, Vector

ACCEPTED = 1e-11
"""The largest residual ‖A(UUᵀ) − y‖ / ‖y‖ of a matrix that counts as satisfying the measurements."""

# Parts of the Jacobian below this relative size count as 0: those of the rotations U → UR are 0 up to rounding.
_DEPENDENT = 1e-9
_STEPS = 12

Factor = Float[np.ndarray, "n rank"]


def feasible(
    measurements: Measurements,
    data: Vector,
    matrix: Matrix,
    ranks: list[int],
    enough: float = 0.0,
    *,
    dense: int = DENSE,
) -> Upper:
    """The matrix UUᵀ of least trace with A(UUᵀ) = y near the psd part of `matrix`, over the given ranks.

    UUᵀ is positive semidefinite by construction and satisfies the measurements to `ACCEPTED`. If no rank gives such a
    matrix, the bound is infinite and the matrix is the one with the smallest residual. The search starts with the
    lowest rank, which costs least, and ends at a trace of at most `enough`. A Jacobian of up to `dense` numbers is
    formed.
    """
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    best, fallback = None, (np.inf, np.zeros_like(matrix))
    for rank in sorted({min(max(r, 1), values.size) for r in ranks}):
        factor = vectors[:, -rank:] * np.sqrt(np.maximum(values[-rank:], 0.0))
        found, error = _polish(measurements, data, factor, dense)
        product = found @ found.T
        if error < fallback[0]:
            fallback = (error, product)
        if error <= ACCEPTED and (best is None or np.trace(product) < best.value):
            best = Upper(product, float(np.trace(product)))
            if best.value <= enough:
                break
    return best if best is not None else Upper(fallback[1], np.inf)


def _polish(measurements: Measurements, data: Vector, factor: Factor, dense: int) -> tuple[Factor, float]:
    """Gauss-Newton steps on A(UUᵀ) = y while they help; each is the shortest D with A(UDᵀ + DUᵀ) = y − A(UUᵀ)."""
    error = residual(measurements, data, factor @ factor.T)
    for _ in range(_STEPS):
        if error < np.finfo(float).eps:
            break
        missing = data - measurements.apply(factor @ factor.T)
        trial = factor + _shortest_step(measurements, missing, factor, dense)
        new = residual(measurements, data, trial @ trial.T)
        if not new < error:
            break
        slow = new > 0.5 * error
        factor, error = trial, new
        if slow:
            break
    return factor, error


def _shortest_step(measurements: Measurements, missing: Vector, factor: Factor, dense: int) -> Factor:
    n, rank = factor.shape
    m = measurements.count
    if m * n * max(n, rank) <= dense:
        # A(UDᵀ + DUᵀ)ᵢ = <2 A_i U, D> for symmetric A_i
        jacobian = 2 * (measurements.operator.formed().reshape(m * n, n) @ factor).reshape(m, n * rank)
        step = scipy.linalg.lstsq(jacobian, missing, cond=_DEPENDENT, check_finite=False, lapack_driver="gelsy")[0]
        return step.reshape(n, rank)
    linear = scipy.sparse.linalg.LinearOperator(
        (m, n * rank),
        matvec=lambda d: 2 * measurements.apply(factor @ d.reshape(n, rank).T),
        rmatvec=lambda v: 2 * (measurements.adjoint(v) @ factor).ravel(),
        dtype=float,
    )
    return scipy.sparse.linalg.lsmr(linear, missing, atol=1e-14, btol=1e-14, maxiter=200)[0].reshape(n, rank)
