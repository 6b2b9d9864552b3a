"""The matrix to be factored: its problem, its leading singular values, and the best that a rank allows."""

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
TOLERANCE = 0.01
"""How far from the best error, and from the balance asked for, a result may be without a word of warning."""
EXACT = 1e-5
"""A relative error below which a factorization counts as exact: excess errors are measured against no less."""


class Target(NamedTuple):
    """A matrix M as a problem with its optimum known.

    `norm` is ‖M‖_F, `best_error` the least ‖XYᵀ − M‖_F/‖M‖_F of rank R (Eckart-Young), and `seconds` what the
    truncated SVD took.
    """

    problem: Factored
    signal: Signal
    norm: float
    best_error: float
    seconds: float

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.problem.shapes[0][0], self.problem.shapes[1][0]

    @property
    def stored(self) -> int:
        """How many numbers the matrix is kept as."""
        return sum(array.size for array in _stored(self.problem.measurement))

    @property
    def values(self) -> Float[AnyArray, " k"]:
        """The leading singular values that are not rounding."""
        values = np.asarray(self.signal.values)
        return values[values > _NEGLIGIBLE * values[0]]

    @property
    def smallest_that_matters(self) -> float:
        """The smallest leading singular value without which the error would exceed the best one by 0.1%.

        Below `EXACT`, errors are not told apart.
        """
        values = self.values
        without = np.append(np.cumsum(values[::-1] ** 2)[::-1][1:], 0.0)  # Σ σⱼ² over j > i
        allowed = 0.002 * (max(self.best_error, 0.1 * EXACT) * self.norm) ** 2
        return float(values[np.argmax(without <= allowed)])

    def near(self, relative_error: float) -> bool:
        """Whether an error is within 1% of the best one.

        Where the rank is larger than that of M, 1e-4 is near enough: columns that M has no use for fade like 1/t only.
        """
        surplus = self.values.size < self.problem.rank and self.best_error <= EXACT
        return self.excess(relative_error) <= TOLERANCE or (surplus and relative_error <= _SURPLUS)

    def excess(self, relative_error: float) -> float:
        """(error − best)/best, with `EXACT` for a best that is smaller."""
        return (relative_error - self.best_error) / max(self.best_error, EXACT)


def target_of(matrix: Any, rank: int) -> Target:
    """`matrix` with its truncated SVD of rank `rank`.

    Raises `InputError` for what `problems.factorization` refuses, for a matrix of zeros, and for entries so large or
    small that their squares are beyond floating-point numbers.
    """
    problem = factorization(matrix, rank)
    largest = max(float(np.max(np.abs(array), initial=0.0)) for array in _stored(problem.measurement))
    if largest == 0:
        raise InputError("Every entry of the matrix is 0, so its factors are 0 as well; give one that is not zero.")
    if not 1 / _EXTREME < largest < _EXTREME:
        raise InputError(
            f"The largest entry of the matrix is {largest:.3g}, whose powers floating-point numbers cannot hold; "
            "divide the matrix by it first."
        )
    begin = time.perf_counter()
    problem = problem.with_signal()
    seconds = time.perf_counter() - begin
    assert problem.signal is not None
    assert isinstance(problem.measurement, Full)
    with numerics():
        norm = math.sqrt(float(problem.measurement.target.squared_norm()))
    best = float(problem.relative_error(problem.signal.factors()))
    return Target(problem, problem.signal, norm, best, seconds)


def _stored(matrix: AbstractMeasurement) -> list[np.ndarray]:
    """The numbers that the matrix is kept as: its entries, or those of its factors."""
    return [np.asarray(leaf) for leaf in jax.tree.leaves(matrix) if np.issubdtype(leaf.dtype, np.floating)]
