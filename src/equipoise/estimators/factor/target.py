"""The matrix to factor: its problem, its leading singular values, and the smallest error possible at its rank."""

import time
from typing import Any, NamedTuple

import jax
import numpy as np
import scipy.sparse
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.core.problem import Signal
from equipoise.core.types import AnyArray
from equipoise.estimators.factor.leading import as_numpy, leading_triplets, relative
from equipoise.problems import AbstractMeasurement, Factored, Full, factorization
from equipoise.problems.measurements import with_signs

_EXTREME = 1e100
_NEGLIGIBLE = 1e-7
_CLOSE = 1e-4
LARGE = 4096
"""The number of parameters from which on a matrix is factored in the span of its leading singular vectors."""
MANY = 32768
"""The number of stored entries from which on it is, too."""
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
    - `leading`: as many, or more for a large matrix, which is factored in their span.
    - `is_large`: whether it is.
    - `rest`: Σ σ² of the singular values beyond the `leading` ones, in [M]².
    - `norm`: ‖M‖_F.
    - `best_error`: the least ‖XYᵀ − M‖_F/‖M‖_F of rank R (Eckart-Young).
    - `following`: the singular value number R + 1; 0 if there is none.
    - `inaccuracy`: the bound on the distance of the signal's product from the best approximation, relative to its norm.
    - `seconds`: the time of the truncated SVD.
    """

    problem: Factored
    signal: Signal
    leading: Signal
    is_large: bool
    rest: float
    norm: float
    best_error: float
    following: float
    inaccuracy: float
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
    def entries(self) -> Float[np.ndarray, "d1 d2"]:
        """M, or the core of a large matrix, as an array."""
        assert isinstance(self.problem.measurement, Full)
        matrix = as_numpy(self.problem.measurement.target)
        return matrix.toarray() if scipy.sparse.issparse(matrix) else matrix

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
        """Whether an error is within 1% of the best one."""
        return self.excess(relative_error) <= TOLERANCE

    def close(self, relative_error: float) -> bool:
        """Whether an error is so near to the best one that what is missing is known: within 1% of it or 1e-4 of ‖M‖.

        The second holds where the best error is tiny; surplus columns, for one, fade only like 1/t.
        """
        return self.near(relative_error) or relative_error - self.best_error <= _CLOSE

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
    rank, shape = problem.rank, measurement.shape
    small = sum(shape) * rank <= LARGE and sum(array.size for array in _stored(measurement)) <= MANY
    begin = time.perf_counter()
    with numerics():
        found, rest = leading_triplets(measurement.target, rank, rank if small else min(rank + SURPLUS, *shape))
    seconds = time.perf_counter() - begin
    leading = with_signs(*found.triplets)
    signal = Signal(leading.left[:, :rank], leading.values[:rank], leading.right[:, :rank])
    values = np.asarray(leading.values)
    best = relative(rest + float(np.sum(values[rank:] ** 2)), found.norm)
    inaccuracy = found.inaccuracy / float(np.linalg.norm(values[:rank]))
    problem = Factored(measurement, problem.parametrization, signal)
    return Target(problem, signal, leading, not small, rest, found.norm, best, found.following, inaccuracy, seconds)


def _stored(matrix: AbstractMeasurement) -> list[np.ndarray]:
    """The arrays stored for the matrix: its entries, or those of its factors."""
    return [np.asarray(leaf) for leaf in jax.tree.leaves(matrix) if np.issubdtype(leaf.dtype, np.floating)]
