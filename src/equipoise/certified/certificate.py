"""The interval that is proven to hold the minimum nuclear norm, with what proves it."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float

from equipoise.certified.kkt import KKTResiduals
from equipoise.certified.status import CertificateStatus


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
    status: CertificateStatus
    """How it ended."""
    detail: str
    """How it ended, in a sentence with the numbers of this certificate."""

    @property
    def infeasible(self) -> bool:
        """Whether `dual` shows that no positive semidefinite matrix satisfies the measurements."""
        return self.status is CertificateStatus.infeasible

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

    def summary(self) -> dict[str, Any]:
        """The interval, what proves it and how it ended, without the matrix and the dual point, as JSON can hold it.

        A bound that is infinite, and the gap to it, are None.
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
    """|upper − lower|/upper; infinite where there is no upper bound or no solution, 0 where both are 0."""
    if not (np.isfinite(upper) and np.isfinite(lower)):
        return np.inf
    return abs(upper - lower) / upper if upper > 0 else float(lower > 0)
