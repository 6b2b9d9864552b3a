"""How far a matrix can be from the minimum nuclear norm, and how well it meets the optimality conditions."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.certified.bounds import constraint, residual
from equipoise.certified.operators import AbstractGramOperator, Matrix, Vector
from equipoise.certified.reading import numbers, read
from equipoise.core.errors import InputError

_SYMMETRY = 1e-8


class KKTResiduals(NamedTuple):
    """How far (X, ν) is from A(X) = y, A*(ν) ⪯ I, (I − A*(ν))X = 0 and X ⪰ 0; each 0 at an optimum, without units.

    Rectangular: ‖A*(ν)‖₂ ≤ 1 and A*(ν)|X| = X = |Xᵀ|A*(ν) instead, |X| = (XᵀX)^½. All are relative to the size of
    y, 1 or X. Source: Gunasekar et al. (2017), Eq. (6).
    """

    feasibility: float
    """‖A(X) − y‖ / ‖y‖."""
    dual_feasibility: float
    """(λmax(A*(ν)) − 1)₊, or (‖A*(ν)‖₂ − 1)₊."""
    complementarity: float
    """‖(I − A*(ν))X‖_F / ‖X‖_F; rectangular: the root mean square of both sides."""
    cone: float
    """(−λmin(X))₊ / ‖X‖₂; rectangular: 0."""


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A matrix, a dual point, and the interval that they prove to hold the minimum nuclear norm.

    lower ≤ min ‖X‖_* ≤ upper. `lower` is yᵀν less an allowance for rounding and holds whatever the method did. `upper`
    is the nuclear norm of a matrix that satisfies A(X) = y to rounding: the matrix itself where a solver made it. Where
    positive semidefinite it is so by construction, as UUᵀ, and the bound holds exactly for the data A(UUᵀ), which
    differ from y by at most 1e-11 relative to it (`kkt.feasibility` says how much); to first order that moves the
    minimum by νᵀ(y − A(UUᵀ)). Source: Gunasekar et al. (2017), Section 3 and Eq. (6).
    """

    matrix: Float[np.ndarray, "d1 d2"]
    """X."""
    dual: Float[np.ndarray, " m"]
    """ν, scaled so that A*(ν) ⪯ I, or ‖A*(ν)‖₂ ≤ 1; where `infeasible`, the direction that excludes every X."""
    upper: float
    """The nuclear norm of a matrix that satisfies the measurements, in the unit [X]; infinite where none was found."""
    lower: float
    """What no such matrix can be below, in the unit [X]."""
    kkt: KKTResiduals
    """The optimality conditions at `matrix` and `dual`."""
    tolerance: float
    """The relative gap that was asked for."""
    iterations: int
    """Steps taken; 0 for a matrix that was only checked."""
    seconds: float
    """Time taken."""
    status: str
    """How it ended, as a sentence."""
    infeasible: bool = False
    """Whether `dual` shows that no positive semidefinite matrix satisfies the measurements."""

    @property
    def gap(self) -> float:
        """|upper − lower|/upper: by how much the minimum can be below `upper`, relative to it.

        A matrix whose residual is at rounding can have a norm below `lower` by as little; the sign is not kept, so that
        bounds that contradict each other never look like a closed gap.
        """
        return relative_gap(self.upper, self.lower)

    @property
    def converged(self) -> bool:
        """Whether the relative gap is at most the one asked for."""
        return self.optimal(self.tolerance)

    def optimal(self, tolerance: float) -> bool:
        """Whether `matrix` is proven optimal: gap, feasibility, dual feasibility and cone within the tolerance.

        Complementarity needs no line of its own: tr((I − A*(ν))X) is the gap.
        """
        kkt = self.kkt
        return bool(max(self.gap, kkt.feasibility, kkt.dual_feasibility, kkt.cone) <= tolerance)


def kkt_residuals(operator: Any, data: Any, matrix: Any, dual: Any, psd: bool) -> KKTResiduals:
    """The residuals of the optimality conditions at any (X, ν), as they stand: nothing is scaled or projected.

    `operator` is an array m x d1 x d2 of measurement matrices, or (rows, columns, (d1, d2)) for entries; `data` has m
    numbers in the unit [X], `dual` m numbers without unit. Raises `InputError` for shapes that do not fit and numbers
    that are not finite. Source: Gunasekar et al. (2017), Eq. (6).
    """
    measured = read(operator, data, psd=psd, drop=False)
    x = read_matrix(measured.operator, matrix, psd=psd)
    return residuals(measured.operator, measured.data, x, read_dual(measured.operator, dual), psd=psd)


def residuals(operator: AbstractGramOperator, data: Vector, matrix: Matrix, dual: Vector, *, psd: bool) -> KKTResiduals:
    """`kkt_residuals` of what has been read."""
    excess = max(0.0, constraint(operator, dual, psd=psd)[0] - 1)
    slackness, cone = _complementarity(matrix, operator.adjoint(dual), psd=psd)
    return KKTResiduals(residual(operator, data, matrix), excess, slackness, cone)


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


def relative_gap(upper: float, lower: float) -> float:
    """|upper − lower|/upper; infinite where there is no upper bound or no solution, 0 where both are 0."""
    if not (np.isfinite(upper) and np.isfinite(lower)):
        return np.inf
    return abs(upper - lower) / upper if upper > 0 else float(lower > 0)


def read_matrix(operator: AbstractGramOperator, given: Any, *, psd: bool) -> Matrix:
    """A proposed X, checked; symmetrized where psd."""
    matrix = numbers("matrix", given)
    if matrix.shape != operator.shape:
        raise InputError(f"matrix has shape {matrix.shape}; the measurements are of one with shape {operator.shape}.")
    if not psd:
        return matrix
    if np.abs(matrix - matrix.T).max() > _SYMMETRY * np.abs(matrix).max():
        raise InputError("matrix is not symmetric; a positive semidefinite one is, so give (X + Xᵀ)/2 or psd=False.")
    return (matrix + matrix.T) / 2


def read_dual(operator: AbstractGramOperator, given: Any) -> Vector:
    """A proposed ν, checked."""
    dual = numbers("dual", given)
    if dual.shape != (operator.size,):
        raise InputError(f"dual has shape {dual.shape}; give one number for each of the {operator.size} measurements.")
    return dual
