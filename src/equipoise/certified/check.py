"""Whether a proposed matrix is optimal."""

import time
from typing import Any

import numpy as np

from equipoise.certified.bounds import Lower, Upper, lower_bound, nuclear_norm, project, residual
from equipoise.certified.certificate import Certificate, read_dual, read_matrix, relative_gap, residuals
from equipoise.certified.factor import ACCEPTED, feasible
from equipoise.certified.least_squares import fitted_dual
from equipoise.certified.operators import AbstractGramOperator, Matrix, Vector
from equipoise.certified.reading import Measured, read
from equipoise.certified.search import Search, is_small

# A relative gap that needs no better dual point, and what a search for one aims at, in at most so many steps.
_TIGHT, _SOLVED, _STEPS = 1e-8, 1e-9, 100


def certify(operator: Any, data: Any, matrix: Any, dual: Any = None, *, psd: bool) -> Certificate:
    """How far a proposed `matrix` is from the minimum nuclear norm; `optimal(tolerance)` of the answer judges it.

    `operator` and `data` are as for `minimum_nuclear_norm`. The residuals `kkt` are those of the matrix as it stands
    and of the dual point scaled into its constraint; `upper` is the nuclear norm of a matrix near it that satisfies the
    measurements. Any `dual` gives a valid lower bound. Without one, ν is the least-squares solution of A*(ν)X = X,
    scaled; where that leaves a gap and the problem is small, the minimum is computed and its ν taken if better, so
    that a gap then is the matrix's own fault. Raises `InputError` as `minimum_nuclear_norm` does, and for a matrix or
    a dual point that does not fit. Source: Gunasekar et al. (2017), Eq. (6).
    """
    started = time.perf_counter()
    whole = read(operator, data, psd=psd, drop=False)
    proposed = read_matrix(whole.operator, matrix, psd=psd)
    measured = read(operator, data, psd=psd)
    upper = _satisfying(measured.operator, measured.data, proposed, psd=psd)
    if dual is None:
        lower = _best_bound(measured, proposed, upper, psd=psd)
        lower = Lower(measured.extend(lower.dual), lower.value)
    else:
        lower = lower_bound(whole.operator, whole.data, read_dual(whole.operator, dual), psd=psd)
    kkt = residuals(whole.operator, whole.data, proposed, lower.dual, psd=psd)
    gap = relative_gap(upper.value, lower.value)
    status = f"checked: relative gap {gap:.1e}, residual {kkt.feasibility:.1e}"
    if not np.isfinite(upper.value):
        status = "checked: no positive semidefinite solution was found near the matrix"
    seconds = time.perf_counter() - started
    return Certificate(proposed, lower.dual, upper.value, lower.value, kkt, _TIGHT, 0, seconds, status)


def _satisfying(operator: AbstractGramOperator, data: Vector, matrix: Matrix, *, psd: bool) -> Upper:
    """The matrix where it satisfies the measurements; else one near it that does."""
    if not psd:
        projected = project(operator, data, matrix)
        return Upper(projected, nuclear_norm(projected))
    values = np.linalg.eigvalsh(matrix)
    size = float(np.abs(values).max())
    rounding = matrix.shape[0] * np.finfo(float).eps * size
    if values[0] >= -rounding and residual(operator, data, matrix) <= ACCEPTED:
        return Upper(matrix, float(np.trace(matrix)))
    rank = int(np.count_nonzero(values > 1e-8 * size))
    return feasible(operator, data, matrix, [rank, values.size])


def _best_bound(measured: Measured, matrix: Matrix, upper: Upper, *, psd: bool) -> Lower:
    """A bound from the matrix's own ν; if that leaves a gap and a solution costs little, that of the solution."""
    operator, data = measured.operator, measured.data
    fitted = lower_bound(operator, data, fitted_dual(operator, matrix, psd=psd), psd=psd)
    if relative_gap(upper.value, fitted.value) > _TIGHT and is_small(operator, psd=psd):
        search = Search(measured, psd=psd, gap=_SOLVED)
        search.run(_STEPS, np.inf, None)
        return max(fitted, search.lower, key=lambda bound: bound.value)
    return fitted
