"""An interval that provably holds the minimum nuclear norm, and its proof."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float

from equipoise.certified.kkt import KKTResiduals
from equipoise.certified.status import CertificateStatus


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A matrix, a dual point, and the interval that they prove to hold the minimum nuclear norm.

    lower ≤ min ‖X‖_* ≤ upper. `lower` is yᵀν minus an allowance for rounding; it holds whatever the method did. `upper`
    is the nuclear norm of a matrix that satisfies A(X) = y up to rounding: of `matrix` itself if a solver made it. If X
    ⪰ 0 is required, that matrix is UUᵀ, so it is positive semidefinite by construction. Then the bound holds exactly
    for the data A(UUᵀ), whose relative distance from y is at most 1e-11 (`kkt.feasibility` gives it); to first order
    this moves the minimum by νᵀ(y − A(UUᵀ)). Source: Gunasekar et al. (2017), Section 3 and Eq. (6).
    """

    matrix: Float[np.ndarray, "d1 d2"]
    """X."""
    dual: Float[np.ndarray, " m"]
    """ν, scaled so that A*(ν) ⪯ I, or ‖A*(ν)‖₂ ≤ 1; if `infeasible`, the direction that excludes every X."""
    upper: float
    """The nuclear norm of a matrix that satisfies the measurements, in the unit [X]; infinite if none was found."""
    lower: float
    """The lower bound of the nuclear norm of all such matrices, in the unit [X]."""
    kkt: KKTResiduals
    """The optimality conditions at `matrix` and `dual`."""
    tolerance: float
    """The relative gap to reach."""
    iterations: int
    """The number of steps taken; 0 for a matrix that was only checked."""
    seconds: float
    """The time taken."""
    status: CertificateStatus
    """Why the search ended."""
    detail: str
    """Why the search ended, in a sentence with the numbers of this certificate."""

    @property
    def infeasible(self) -> bool:
        """Whether `dual` shows that no positive semidefinite matrix satisfies the measurements."""
        return self.status is CertificateStatus.infeasible

    @property
    def gap(self) -> float:
        """|upper − lower|/upper: how far the minimum can be below `upper`, relative to it.

        A matrix that satisfies the measurements only up to rounding can have a norm slightly below `lower`. The
        absolute value is taken, so that bounds that contradict each other never look like a closed gap.
        """
        return relative_gap(self.upper, self.lower)

    @property
    def converged(self) -> bool:
        """Whether the relative gap is at most `tolerance`."""
        return self.optimal(self.tolerance)

    def optimal(self, tolerance: float) -> bool:
        """Whether `matrix` is proven optimal: gap, feasibility, dual feasibility and cone are all within `tolerance`.

        Complementarity is not tested separately: tr((I − A*(ν))X) is the gap.
        """
        kkt = self.kkt
        return bool(max(self.gap, kkt.feasibility, kkt.dual_feasibility, kkt.cone) <= tolerance)

    def summary(self) -> dict[str, Any]:
        """The interval, the residuals and the ending, without the matrix and the dual point, as values for JSON.

        A bound that is infinite is None, and so is the gap to it.
        """
        numbers = {"lower": self.lower, "upper": self.upper, "gap": self.gap}
        return {
            **{name: float(value) if np.isfinite(value) else None for name, value in numbers.items()},
            "tolerance": float(self.tolerance),
            "converged": self.converged,
            "kkt": {name: float(value) for name, value in self.kkt._asdict().items()},
            "iterations": int(self.iterations),
            "seconds": float(self.seconds),
            "status": self.status.name,
            "detail": self.detail,
        }


def relative_gap(upper: float, lower: float) -> float:
    """|upper − lower|/upper; infinite if a bound is infinite, 0 if both are 0."""
    if not (np.isfinite(upper) and np.isfinite(lower)):
        return np.inf
    return abs(upper - lower) / upper if upper > 0 else float(lower > 0)
