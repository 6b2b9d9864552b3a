"""Alternating directions on the dual: many, cheap steps for large problems."""

from typing import NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float

from equipoise.certified.measurements import Measurements
from equipoise.certified.method import AbstractMethod, Point, StalledError
from equipoise.certified.types import Matrix, Vector

# τ; the method converges for τ < (1 + √5)/2.
_STRETCH = 1.618

# ρ changes by _FACTOR when one relative residual has been _IMBALANCE times the other for _PATIENCE steps.
_FACTOR, _IMBALANCE, _PATIENCE = 1.5, 3.0, 10

# The first ρ, as a fraction of the spectral norm of the least-norm solution; a good value saves steps.
_FIRST = 0.3


class State(NamedTuple):
    """The multiplier X, the dual point, the penalty ρ, how long one residual has been larger, and the estimate of X."""

    multiplier: Float[np.ndarray, "d1 d2"]
    adjoint: Float[np.ndarray, "d1 d2"]
    dual: Float[np.ndarray, " m"]
    penalty: float
    lead: int
    matrix: Float[np.ndarray, "d1 d2"]


class Splitting(AbstractMethod):
    """max yᵀν subject to A*(ν) = Z, where Z is in the unit ball of the spectral norm, or Z ⪯ I if psd.

    Each step updates Z, then X, then ν. Let T = A*(ν) + X/ρ. Z is the nearest feasible point to T. Then X ← X +
    τρ(A*(ν) − Z), τ = 1.618, and ν = (A A*)⁻¹(A(Z) + (y − A(X))/ρ). ρ(T − Z) has low rank. ρ changes when one of the
    relative residuals of A(X) = y and A*(ν) = Z has been the larger for `_PATIENCE` steps. Source: Wen, Goldfarb and
    Yin, Mathematical Programming Computation 2 (2010), for Z ⪯ I.
    """

    interval = 10

    def __init__(self, measurements: Measurements, data: Vector, *, psd: bool) -> None:
        """Take measurements, and data that are not all 0."""
        self._measurements, self._data, self._psd = measurements, data, psd

    def start(self) -> State:
        """X = 0 and ν in the direction of the least-norm solution."""
        dual = self._measurements.solve(self._data)
        adjoint = self._measurements.adjoint(dual)
        size = float(np.linalg.norm(adjoint, 2))
        zero = np.zeros_like(adjoint)
        return State(zero, adjoint / size, dual / size, _FIRST * size, 0, zero)

    def point(self, state: State) -> Point:
        """X as the low-rank ρ(T − Z), and ν."""
        return Point(state.matrix, state.dual)

    def step(self, state: State) -> State:
        """One update of Z, X and ν."""
        penalty = state.penalty
        target = state.adjoint + state.multiplier / penalty
        excess = self._excess(target)
        nearest = target - excess
        matrix = penalty * excess
        multiplier = (1 - _STRETCH) * state.multiplier + _STRETCH * matrix
        missing = self._data - self._measurements.apply(multiplier)
        dual = self._measurements.solve(self._measurements.apply(nearest) + missing / penalty)
        adjoint = self._measurements.adjoint(dual)
        short = float(np.linalg.norm(missing) / np.linalg.norm(self._data))
        apart = float(np.linalg.norm(adjoint - nearest) / (1 + np.linalg.norm(nearest)))
        penalty, lead = _adapted(penalty, state.lead, short, apart)
        return State(multiplier, adjoint, dual, penalty, lead, matrix)

    def _excess(self, target: Matrix) -> Matrix:
        """T − Z: the part of the singular values, or of the eigenvalues if psd, that exceeds 1."""
        try:
            if self._psd:
                values, vectors = _above_one(target)
                return (vectors * (values - 1)) @ vectors.T
            if target.shape[0] > target.shape[1]:
                return _singular_excess(target.T).T
            return _singular_excess(target)
        except np.linalg.LinAlgError as problem:
            raise StalledError from problem


def _singular_excess(target: Matrix) -> Matrix:
    """For T = UΣVᵀ: Σ (σᵢ − 1)₊ uᵢvᵢᵀ = Σ (1 − 1/σᵢ)₊ uᵢuᵢᵀ T, from the Gram matrix TTᵀ, accurate where σᵢ > 1."""
    squares, left = _above_one(target @ target.T)
    return (left * (1 - 1 / np.sqrt(squares))) @ (left.T @ target)


def _above_one(symmetric: Matrix) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, "n k"]]:
    return scipy.linalg.eigh(symmetric, subset_by_value=(1.0, np.inf), check_finite=False)


def _adapted(penalty: float, lead: int, short: float, apart: float) -> tuple[float, int]:
    """ρ smaller if the residual of A(X) = y was the larger for `_PATIENCE` steps, larger if that of A*(ν) = Z was."""
    if short > _IMBALANCE * apart:
        lead = max(lead, 0) + 1
    elif apart > _IMBALANCE * short:
        lead = min(lead, 0) - 1
    else:
        lead = 0
    if abs(lead) < _PATIENCE:
        return penalty, lead
    return (penalty / _FACTOR if lead > 0 else penalty * _FACTOR), 0
