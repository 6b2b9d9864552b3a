"""The matrix to factor: its problem, its leading singular values, and the smallest error possible at its rank."""

import math
import time
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.core.problem import Signal
from equipoise.core.types import AnyArray
from equipoise.problems import AbstractMeasurement, Factored, Full, factorization

_EXTREME = 1e100
_NEGLIGIBLE = 1e-7
_SURPLUS = 1e-4
LARGE = 4096
"""The number of parameters from which on a matrix is factored in the span of its leading singular vectors."""
SURPLUS = 20
"""By how many these exceed the rank."""
TOLERANCE = 0.01
"""The relative distance from the best error, and from the wanted balance, up to which a result needs no warning."""
EXACT = 1e-5
"""A relative error below which a factorization counts as exact; excess errors are relative to this or more."""


class Target(NamedTuple):
    """A matrix M as a problem whose optimum is known.

    - `problem`: the factorization problem.
    - `signal`: the leading R singular triplets of M.
    - `leading`: as many, or more for a large matrix.
    - `norm`: ‖M‖_F.
    - `best_error`: the least ‖XYᵀ − M‖_F/‖M‖_F of rank R (Eckart-Young).
    - `seconds`: the time of the truncated SVD.
    """

    problem: Factored
    signal: Signal
    leading: Signal
    norm: float
    best_error: float
    seconds: float

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.problem.shapes[0][0], self.problem.shapes[1][0]

    @property
    def stored(self) -> int:
        """The number of floating-point numbers stored for the matrix."""
        return sum(array.size for array in _stored(self.problem.measurement))

    @property
    def values(self) -> Float[AnyArray, " k"]:
        """The leading singular values that are above rounding."""
        values = np.asarray(self.signal.values)
        return values[values > _NEGLIGIBLE * values[0]]

    @property
    def smallest_that_matters(self) -> float:
        """The smallest leading singular value without which the error would exceed the best one by 0.1%.

        Errors below `EXACT` count as equal.
        """
        values = self.values
        without = np.append(np.cumsum(values[::-1] ** 2)[::-1][1:], 0.0)  # Σ σⱼ² over j > i
        allowed = 0.002 * (max(self.best_error, 0.1 * EXACT) * self.norm) ** 2
        return float(values[np.argmax(without <= allowed)])

    def near(self, relative_error: float) -> bool:
        """Whether an error is within 1% of the best one.

        If the rank exceeds that of M, 1e-4 is near enough, because surplus columns fade only like 1/t.
        """
        surplus = self.values.size < self.problem.rank and self.best_error <= EXACT
        return self.excess(relative_error) <= TOLERANCE or (surplus and relative_error <= _SURPLUS)

    def excess(self, relative_error: float) -> float:
        """(error − best)/best, with `EXACT` in place of a smaller best error."""
        return (relative_error - self.best_error) / max(self.best_error, EXACT)


def target_of(matrix: Any, rank: int) -> Target:
    """`matrix` as a target, with its truncated SVD of rank `rank`.

    Raises `InputError` for everything that `problems.factorization` refuses, for a matrix of zeros, and for entries so
    large or small that their squares overflow or underflow.
    """
    problem = factorization(matrix, rank)
    largest = max(float(np.max(np.abs(array), initial=0.0)) for array in _stored(problem.measurement))
    if largest == 0:
        raise InputError("Every entry of the matrix is 0, so its factors are 0 as well; give another matrix.")
    if not 1 / _EXTREME < largest < _EXTREME:
        raise InputError(
            f"The largest entry of the matrix is {largest:.3g}, and its powers exceed the range of floating-point "
            "numbers; divide the matrix by it first."
        )
    measurement = problem.measurement
    assert isinstance(measurement, Full)
    begin = time.perf_counter()
    leading = measurement.signal(_triplets(problem))
    seconds = time.perf_counter() - begin
    rank = problem.shapes[0][1]
    signal = Signal(leading.left[:, :rank], leading.values[:rank], leading.right[:, :rank])
    problem = Factored(measurement, problem.parametrization, signal)
    with numerics():
        norm = math.sqrt(float(measurement.target.squared_norm()))
    best = float(problem.relative_error(signal.factors()))
    return Target(problem, signal, leading, norm, best, seconds)


def _triplets(problem: Factored) -> int:
    """How many leading singular triplets to find: R, or more for a large matrix, which is factored in their span."""
    (d1, rank), (d2, _) = problem.shapes
    kept = rank + SURPLUS
    return rank if (d1 + d2) * rank <= LARGE or kept >= min(d1, d2) else kept


def _stored(matrix: AbstractMeasurement) -> list[np.ndarray]:
    """The arrays stored for the matrix: its entries, or those of its factors."""
    return [np.asarray(leaf) for leaf in jax.tree.leaves(matrix) if np.issubdtype(leaf.dtype, np.floating)]
