"""The loop around a method: the best bounds so far, the time, and the ending."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from equipoise.certified.bounds import Lower, Upper, lower_bound, nuclear_norm, project, residual
from equipoise.certified.certificate import Certificate, relative_gap
from equipoise.certified.choice import choose_method, is_small
from equipoise.certified.feasible import ACCEPTED, feasible
from equipoise.certified.kkt import residuals
from equipoise.certified.method import Point, StalledError
from equipoise.certified.reading import System
from equipoise.certified.status import CertificateStatus

# A lower bound of _EXCLUDED times the size of the least-norm solution counts as a proof that no psd solution exists.
# The search continues to improve that proof until the bound is _ENOUGH times the size.
_EXCLUDED, _ENOUGH = 1e8, 1e12

# Gauss-Newton on the factor starts only where the relative residual is at most this.
_NEAR = 1e-2


class Progress(NamedTuple):
    """The state of a search for the minimum nuclear norm.

    - `iterations`: the steps so far.
    - `seconds`: the time so far.
    - `upper`, `lower`: the bounds so far, in the unit [X].
    """

    iterations: int
    seconds: float
    upper: float
    lower: float


class _Ending(NamedTuple):
    """Why the search ended, by name and in words."""

    status: CertificateStatus
    words: str


class Search:
    """The best bounds so far; they are a valid interval at any moment, even after an interruption."""

    def __init__(self, system: System, *, psd: bool, gap: float) -> None:
        """Start from the bounds that need no step: 0 ≤ min ‖X‖_*, and the least-norm solution if not psd."""
        self._started = time.perf_counter()
        self._system, self._psd, self._gap = system, psd, gap
        self._measurements, self._data = system.measurements, system.data
        least = project(self._measurements, self._data, np.zeros(self._measurements.shape))
        self._scale = float(np.linalg.norm(least))
        self.lower = Lower(np.zeros(self._measurements.count), 0.0)
        known = self._scale == 0 or not psd
        self.upper = Upper(least, nuclear_norm(least)) if known else Upper(np.zeros_like(least), np.inf)
        self._point: Point | None = None
        self._iterations = 0
        self._ending = _Ending(CertificateStatus.iterations, "stopped after 0 iterations")

    def seconds(self) -> float:
        """Time since the start."""
        return time.perf_counter() - self._started

    def run(self, limit: int, max_seconds: float, progress: Callable[[Progress], object] | None) -> None:
        """Step until the gap is closed or another reason to stop occurs; the certificate names the reason."""
        if self._done():
            return
        method = choose_method(self._measurements, self._data, psd=self._psd)
        state = method.start()
        while True:
            if self._iterations >= limit:
                self._ending = _Ending(CertificateStatus.iterations, f"stopped after {limit} iterations")
                break
            if self.seconds() >= max_seconds:
                self._ending = _Ending(CertificateStatus.time, f"stopped after {self.seconds():.3g} s")
                break
            try:
                state = method.step(state)
            except StalledError:
                words = "stopped because rounding errors prevent further steps"
                self._ending = _Ending(CertificateStatus.stalled, words)
                break
            self._iterations += 1
            if self._iterations % method.interval == 0 and self._look(method.point(state), progress):
                break
        if self._iterations:
            self._point = method.point(state)
            self._finish(self._point)

    def interrupted(self) -> None:
        """Improve the bounds found before Ctrl-C, if that costs little."""
        self._ending = _Ending(CertificateStatus.interrupted, f"interrupted after {self.seconds():.3g} s")
        if self._point is not None and is_small(self._measurements, psd=self._psd):
            self._finish(self._point)

    def certificate(self) -> Certificate:
        """The bounds proven so far, as a certificate."""
        status, detail = self._how_it_ended()
        kkt = residuals(self._measurements, self._data, self.upper.matrix, self.lower.dual, psd=self._psd)
        return Certificate(
            matrix=self.upper.matrix,
            dual=self._system.extend(self.lower.dual),
            upper=self.upper.value,
            lower=self.lower.value,
            kkt=kkt,
            tolerance=self._gap,
            iterations=self._iterations,
            seconds=self.seconds(),
            status=status,
            detail=detail,
        )

    def _how_it_ended(self) -> tuple[CertificateStatus, str]:
        """The proven result, or else why the search ended, by name and in a sentence."""
        if self._excluded():
            return CertificateStatus.infeasible, _on_exclusion(self.lower.value)
        gap = relative_gap(self.upper.value, self.lower.value)
        if gap <= self._gap:
            return CertificateStatus.converged, f"converged: relative gap {gap:.1e} ≤ {self._gap:g}"
        status, words = self._ending
        if np.isfinite(gap):
            return status, f"{words} with relative gap {gap:.1e}"
        return status, f"{words}: a positive semidefinite solution was neither found within the limits nor excluded"

    def _look(self, point: Point, progress: Callable[[Progress], object] | None) -> bool:
        """Take better bounds from a point, and return whether the search is over."""
        self._point = point
        lower = lower_bound(self._measurements, self._data, point.dual, psd=self._psd)
        if lower.value > self.lower.value:
            self.lower = lower
        upper = self._satisfying(point)
        if upper.value < self.upper.value:
            self.upper = upper
        if progress is not None:
            progress(Progress(self._iterations, self.seconds(), self.upper.value, self.lower.value))
        return self._done()

    def _satisfying(self, point: Point) -> Upper:
        """A matrix with A(X) = y near the point; if psd, only where it may close the gap."""
        if not self._psd:
            matrix = project(self._measurements, self._data, point.matrix)
            return Upper(matrix, nuclear_norm(matrix))
        trace = float(np.trace(point.matrix))
        error = residual(self._measurements, self._data, point.matrix)
        if error <= ACCEPTED:
            return Upper(point.matrix, trace)
        if error <= _NEAR and abs(trace - self.lower.value) <= self._gap * trace:
            return self._polished(point)
        return Upper(point.matrix, np.inf)

    def _polished(self, point: Point) -> Upper:
        """A matrix near the point that satisfies the measurements, of the rank that strict complementarity gives, or n.

        The rank counts the i with λᵢ(X)/λ₁(X) > λᵢ(I − A*(ν)).
        """
        values = np.linalg.eigvalsh(point.matrix)[::-1]
        slack = np.linalg.eigvalsh(np.eye(values.size) - self._measurements.adjoint(self.lower.dual))
        rank = int(np.count_nonzero(values > slack * values[0]))
        enough = self.lower.value * (1 + self._gap)
        return feasible(self._measurements, self._data, point.matrix, [rank, values.size], enough)

    def _finish(self, point: Point) -> None:
        """Bounds from the last point; if psd, a matrix with its residual at rounding, unless it widens the gap."""
        if not self._done():
            self._look(point, None)
        if not self._psd or self._excluded():
            return
        polished = self._polished(point)
        closes = relative_gap(polished.value, self.lower.value) <= self._gap
        if closes or polished.value < self.upper.value or not np.isfinite(self.upper.value):
            self.upper = polished

    def _done(self) -> bool:
        return relative_gap(self.upper.value, self.lower.value) <= self._gap or self._excluded(_ENOUGH)

    def _excluded(self, times: float = _EXCLUDED) -> bool:
        return self._psd and self.lower.value > times * self._scale > 0


def _on_exclusion(lower: float) -> str:
    if np.isinf(lower):
        return "infeasible: A*(ν) ⪯ 0 and yᵀν > 0, so no positive semidefinite matrix has these measurements"
    return (
        f"infeasible: yᵀν = 1 with A*(ν) ⪯ {1 / lower:.1g} I, so a positive semidefinite solution would have a trace "
        f"above {lower:.1g}"
    )
