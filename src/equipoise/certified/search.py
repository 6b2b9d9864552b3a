"""The loop around a method: the best bounds so far, the time, and how it ended."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.linalg

from equipoise.certified.bounds import Lower, Upper, lower_bound, nuclear_norm, project, residual
from equipoise.certified.certificate import Certificate, relative_gap, residuals
from equipoise.certified.change import Embedded, Orthonormal
from equipoise.certified.factor import ACCEPTED, feasible
from equipoise.certified.interior_point import InteriorPoint
from equipoise.certified.method import AbstractMethod, Point, StalledError
from equipoise.certified.operators import AbstractGramOperator, DenseGramOperator, Vector
from equipoise.certified.reading import Measured
from equipoise.certified.splitting import Splitting

# The largest problems for the interior-point method: numbers in the measurement matrices, measurements, and side.
_NUMBERS, _MEASUREMENTS, _SIDE = 4e7, 5000, 500

# A lower bound this many times the least-norm solution's size counts as a proof that there is no psd solution, and
# the search goes on for a better one up to this.
_EXCLUDED, _ENOUGH = 1e8, 1e12

# Gauss-Newton on the factor starts no further than this relative residual from a solution.
_NEAR = 1e-2


class Progress(NamedTuple):
    """Where a search stands: steps and seconds so far, and the interval that holds the minimum nuclear norm."""

    iterations: int
    seconds: float
    upper: float
    lower: float


class Search:
    """The best bounds so far; what it holds is a valid interval at any moment, whatever interrupts it."""

    def __init__(self, measured: Measured, *, psd: bool, gap: float) -> None:
        """Start from what is known without any step: 0 ≤ min ‖X‖_*, and the least-norm solution without a cone."""
        self._started = time.perf_counter()
        self._measured, self._psd, self._gap = measured, psd, gap
        self._operator, self._data = measured.operator, measured.data
        least = project(self._operator, self._data, np.zeros(self._operator.shape))
        self._scale = float(np.linalg.norm(least))
        self.lower = Lower(np.zeros(self._operator.size), 0.0)
        known = self._scale == 0 or not psd
        self.upper = Upper(least, nuclear_norm(least)) if known else Upper(np.zeros_like(least), np.inf)
        self._point: Point | None = None
        self._iterations = 0
        self.ending = "not started"

    def seconds(self) -> float:
        """Time since the start."""
        return time.perf_counter() - self._started

    def run(self, limit: int, max_seconds: float, progress: Callable[[Progress], object] | None) -> None:
        """Step until the gap is closed, or there is another reason to stop, which `ending` names."""
        if self._done():
            return
        method = choose_method(self._operator, self._data, psd=self._psd)
        state = method.start()
        while True:
            if self._iterations >= limit:
                self.ending = f"stopped after {limit} iterations"
                break
            if self.seconds() >= max_seconds:
                self.ending = f"stopped after {self.seconds():.3g} s"
                break
            try:
                state = method.step(state)
            except StalledError:
                self.ending = "stopped where rounding errors leave no step to take"
                break
            self._iterations += 1
            if self._iterations % method.interval == 0 and self._look(method.point(state), progress):
                break
        if self._iterations:
            self._point = method.point(state)
            self._finish(self._point)

    def interrupted(self) -> None:
        """Make the best of what was found before Ctrl-C, where that costs little."""
        self.ending = f"interrupted after {self.seconds():.3g} s"
        if self._point is not None and is_small(self._operator, psd=self._psd):
            self._finish(self._point)

    def certificate(self) -> Certificate:
        """What is proven now."""
        kkt = residuals(self._operator, self._data, self.upper.matrix, self.lower.dual, psd=self._psd)
        return Certificate(
            matrix=self.upper.matrix,
            dual=self._measured.extend(self.lower.dual),
            upper=self.upper.value,
            lower=self.lower.value,
            kkt=kkt,
            tolerance=self._gap,
            iterations=self._iterations,
            seconds=self.seconds(),
            status=self._sentence(),
            infeasible=self._excluded(),
        )

    def _sentence(self) -> str:
        if self._excluded() and np.isinf(self.lower.value):
            return "infeasible: A*(ν) ⪯ 0 and yᵀν > 0, so that no positive semidefinite matrix has these measurements"
        if self._excluded():
            return (
                f"infeasible: yᵀν = 1 with A*(ν) ⪯ {1 / self.lower.value:.1g} I, so that a positive semidefinite "
                f"solution would have a trace above {self.lower.value:.1g}"
            )
        gap = relative_gap(self.upper.value, self.lower.value)
        if gap <= self._gap:
            return f"converged: relative gap {gap:.1e} ≤ {self._gap:g}"
        if np.isfinite(gap):
            return f"{self.ending} with relative gap {gap:.1e}"
        return f"{self.ending}: no positive semidefinite solution was found within the budget, nor excluded"

    def _look(self, point: Point, progress: Callable[[Progress], object] | None) -> bool:
        """Take better bounds from a point; whether the search is over."""
        self._point = point
        lower = lower_bound(self._operator, self._data, point.dual, psd=self._psd)
        if lower.value > self.lower.value:
            self.lower = lower
        upper = self._satisfying(point)
        if upper.value < self.upper.value:
            self.upper = upper
        if progress is not None:
            progress(Progress(self._iterations, self.seconds(), self.upper.value, self.lower.value))
        return self._done()

    def _satisfying(self, point: Point) -> Upper:
        """A matrix with A(X) = y near the point's; where psd, only if there is a chance that it closes the gap."""
        if not self._psd:
            matrix = project(self._operator, self._data, point.matrix)
            return Upper(matrix, nuclear_norm(matrix))
        trace = float(np.trace(point.matrix))
        error = residual(self._operator, self._data, point.matrix)
        if error <= ACCEPTED:
            return Upper(point.matrix, trace)
        if error <= _NEAR and abs(trace - self.lower.value) <= self._gap * trace:
            return self._polished(point)
        return Upper(point.matrix, np.inf)

    def _polished(self, point: Point) -> Upper:
        """Near X of the point, of the rank that strict complementarity suggests, λᵢ(X)/λ₁(X) > λᵢ(I − A*(ν)), or n."""
        values = np.linalg.eigvalsh(point.matrix)[::-1]
        slack = np.linalg.eigvalsh(np.eye(values.size) - self._operator.adjoint(self.lower.dual))
        rank = int(np.count_nonzero(values > slack * values[0]))
        enough = self.lower.value * (1 + self._gap)
        return feasible(self._operator, self._data, point.matrix, [rank, values.size], enough)

    def _finish(self, point: Point) -> None:
        """Bounds from the last point; where psd, a matrix whose residual is at rounding, if that costs no gap."""
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


def is_small(operator: AbstractGramOperator, *, psd: bool) -> bool:
    """Whether steps of the interior-point method are affordable."""
    side = operator.shape[0] if psd else sum(operator.shape)
    formed = operator.size * side**2 if isinstance(operator, DenseGramOperator) else 0
    return formed <= _NUMBERS and operator.size <= _MEASUREMENTS and side <= _SIDE


def choose_method(operator: AbstractGramOperator, data: Vector, *, psd: bool) -> AbstractMethod:
    """An interior-point method where the problem is small, else alternating directions."""
    if not is_small(operator, psd=psd):
        return Splitting(operator, data, psd=psd)
    if isinstance(operator, DenseGramOperator):
        basis, triangle = operator.orthonormal()
        of_basis = scipy.linalg.solve_triangular(triangle, data, trans="T", check_finite=False)
        return Orthonormal(_interior_point(basis, of_basis, psd=psd), triangle)
    return _interior_point(operator, data, psd=psd)


def _interior_point(operator: AbstractGramOperator, data: Vector, *, psd: bool) -> AbstractMethod:
    if psd:
        return InteriorPoint(operator, data)
    return Embedded(InteriorPoint(operator.symmetric_embedding(), data), operator.shape[0])
