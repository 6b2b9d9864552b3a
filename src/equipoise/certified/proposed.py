"""A certificate for a proposed matrix."""

import time
from typing import Any

import numpy as np

from equipoise.certified.bounds import Lower, Upper, lower_bound, nuclear_norm, project, residual
from equipoise.certified.certificate import Certificate, relative_gap
from equipoise.certified.choice import is_small
from equipoise.certified.feasible import ACCEPTED, feasible
from equipoise.certified.fitted_dual import fitted_dual
from equipoise.certified.kkt import residuals
from equipoise.certified.reading import System, read, read_dual, read_matrix
from equipoise.certified.search import Search
from equipoise.certified.status import CertificateStatus
from equipoise.certified.types import Matrix

# Above the relative gap _TIGHT a better dual point is searched for, up to the gap _SOLVED in at most _STEPS steps.
_TIGHT, _SOLVED, _STEPS = 1e-8, 1e-9, 100


def certify(operator: Any, data: Any, matrix: Any, dual: Any = None, *, psd: bool) -> Certificate:
    """How far a proposed `matrix` is from the minimum nuclear norm; `optimal(tolerance)` of the result judges it.

    - `operator`: the measurements A, in any form that `minimum_nuclear_norm` takes.
    - `data`: y, m numbers in the unit [X].
    - `matrix`: X, d1 x d2, in the unit [X]; symmetric if `psd`.
    - `dual`: ν, m numbers without unit; any ν gives a valid lower bound. By default it is fitted to X.
    - `psd`: whether the minimum is over positive semidefinite matrices only.

    In the result, `kkt` has the residuals of the given matrix and of ν scaled into its constraint; `upper` is the
    nuclear norm of a nearby matrix that satisfies the measurements. The fitted ν is the least-squares solution of
    A*(ν)X = X. If it leaves a gap and the problem is small, the minimum is computed and its ν taken if better; a gap
    that remains is then due to the matrix.

    Raises `InputError` as `minimum_nuclear_norm` does, and for a matrix or a dual point that does not fit. Source:
    Gunasekar et al. (2017), Eq. (6).
    """
    started = time.perf_counter()
    whole = read(operator, data, psd=psd)
    proposed = read_matrix(whole.measurements.shape, matrix, psd=psd)
    system = whole.independent()
    upper = _satisfying(system, proposed, psd=psd)
    if dual is None:
        lower = _best_bound(system, proposed, upper, psd=psd)
        lower = Lower(system.extend(lower.dual), lower.value)
    else:
        lower = lower_bound(whole.measurements, whole.data, read_dual(whole.measurements.count, dual), psd=psd)
    kkt = residuals(whole.measurements, whole.data, proposed, lower.dual, psd=psd)
    detail = "checked: no positive semidefinite solution was found near the matrix"
    if np.isfinite(upper.value):
        gap = relative_gap(upper.value, lower.value)
        detail = f"checked: relative gap {gap:.1e}, residual {kkt.feasibility:.1e}"
    seconds = time.perf_counter() - started
    return Certificate(
        matrix=proposed,
        dual=lower.dual,
        upper=upper.value,
        lower=lower.value,
        kkt=kkt,
        tolerance=_TIGHT,
        iterations=0,
        seconds=seconds,
        status=CertificateStatus.checked,
        detail=detail,
    )


def _satisfying(system: System, matrix: Matrix, *, psd: bool) -> Upper:
    """The matrix if it satisfies the measurements, else a nearby one that does."""
    measurements, data = system.measurements, system.data
    if not psd:
        projected = project(measurements, data, matrix)
        return Upper(projected, nuclear_norm(projected))
    values = np.linalg.eigvalsh(matrix)
    size = float(np.abs(values).max())
    rounding = matrix.shape[0] * np.finfo(float).eps * size
    if values[0] >= -rounding and residual(measurements, data, matrix) <= ACCEPTED:
        return Upper(matrix, float(np.trace(matrix)))
    rank = int(np.count_nonzero(values > 1e-8 * size))
    return feasible(measurements, data, matrix, [rank, values.size])


def _best_bound(system: System, matrix: Matrix, upper: Upper, *, psd: bool) -> Lower:
    """A bound from the ν fitted to the matrix; if it leaves a gap and the problem is small, from a better ν, if any."""
    measurements, data = system.measurements, system.data
    fitted = lower_bound(measurements, data, fitted_dual(measurements, matrix, psd=psd), psd=psd)
    if relative_gap(upper.value, fitted.value) > _TIGHT and is_small(measurements, psd=psd):
        search = Search(system, psd=psd, gap=_SOLVED)
        search.run(_STEPS, np.inf, None)
        return max(fitted, search.lower, key=lambda bound: bound.value)
    return fitted
