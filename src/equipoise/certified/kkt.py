"""The residuals of the optimality conditions at a matrix and a dual point."""

from typing import Any, NamedTuple

import numpy as np

from equipoise.certified.bounds import constraint, residual
from equipoise.certified.measurements import Measurements
from equipoise.certified.reading import read, read_dual, read_matrix
from equipoise.certified.types import Matrix, Vector


class KKTResiduals(NamedTuple):
    """The residuals of A(X) = y, A*(ν) ⪯ I, (I − A*(ν))X = 0 and X ⪰ 0; each is 0 at an optimum, without unit.

    For rectangular X the conditions are ‖A*(ν)‖₂ ≤ 1 and A*(ν)|X| = X = |Xᵀ|A*(ν), with |X| = (XᵀX)^½. All residuals
    are relative to the size of y, 1 or X. Source: Gunasekar et al. (2017), Eq. (6).
    """

    feasibility: float
    """‖A(X) − y‖ / ‖y‖."""
    dual_feasibility: float
    """(λmax(A*(ν)) − 1)₊, or (‖A*(ν)‖₂ − 1)₊."""
    complementarity: float
    """‖(I − A*(ν))X‖_F / ‖X‖_F; for rectangular X, the root mean square over both sides."""
    cone: float
    """(−λmin(X))₊ / ‖X‖₂; 0 for rectangular X."""


def kkt_residuals(operator: Any, data: Any, matrix: Any, dual: Any, psd: bool) -> KKTResiduals:
    """The residuals of the optimality conditions at any (X, ν), which is neither scaled nor projected first.

    - `operator`: the measurements A, in any form that `minimum_nuclear_norm` takes.
    - `data`: y, m numbers in the unit [X].
    - `matrix`: X, d1 x d2, in the unit [X]; symmetric if `psd`.
    - `dual`: ν, m numbers without unit.
    - `psd`: whether the minimum is over positive semidefinite matrices only.

    Raises `InputError` for shapes that do not fit and numbers that are not finite. Source: Gunasekar et al. (2017), Eq.
    (6).
    """
    system = read(operator, data, psd=psd)
    x = read_matrix(system.measurements.shape, matrix, psd=psd)
    return residuals(system.measurements, system.data, x, read_dual(system.measurements.count, dual), psd=psd)


def residuals(measurements: Measurements, data: Vector, matrix: Matrix, dual: Vector, *, psd: bool) -> KKTResiduals:
    """`kkt_residuals` of checked input."""
    excess = max(0.0, constraint(measurements, dual, psd=psd)[0] - 1)
    slackness, cone = _complementarity(matrix, measurements.adjoint(dual), psd=psd)
    return KKTResiduals(residual(measurements, data, matrix), excess, slackness, cone)


def _complementarity(matrix: Matrix, adjoint: Matrix, *, psd: bool) -> tuple[float, float]:
    size = float(np.linalg.norm(matrix))
    if size == 0:
        return 0.0, 0.0
    if psd:
        values = np.linalg.eigvalsh(matrix)
        cone = max(0.0, -float(values[0])) / float(np.abs(values).max())
        return float(np.linalg.norm(matrix - adjoint @ matrix)) / size, cone
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    on_right = matrix - adjoint @ (right.T * values) @ right
    on_left = matrix - (left * values) @ (left.T @ adjoint)
    return float(np.hypot(np.linalg.norm(on_right), np.linalg.norm(on_left))) / 2**0.5 / size, 0.0
