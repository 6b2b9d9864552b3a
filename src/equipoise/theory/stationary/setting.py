"""Perturbed GD with constant numbers, in the coordinates of the singular vectors of M."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor
from equipoise.dynamics import PerturbedGD
from equipoise.noise import Gaussian
from equipoise.problems.factored import Factored
from equipoise.problems.measurements import Full
from equipoise.problems.parametrizations import Asymmetric


class Setting(NamedTuple):
    """What the law depends on.

    - `values`: all singular values σ of M that are not 0, descending.
    - `shape`, `rank`: (d1, d2) of M, and the number r of columns of X and Y.
    - `factor`: c if the loss is c/2 ‖XYᵀ − M‖².
    - `steps`, `stds`: the step sizes, and the standard deviations of the noise, of X and of Y.
    """

    values: Float[np.ndarray, " k"]
    shape: tuple[int, int]
    rank: int
    factor: float
    steps: tuple[float, float]
    stds: tuple[float, float]

    @property
    def penalties(self) -> tuple[float, float]:
        """(b, a) = (d2 s2², d1 s1²): the smoothed objective is c/2 (‖XYᵀ − M‖² + b‖X‖² + a‖Y‖²)."""
        (d1, d2), (s1, s2) = self.shape, self.stds
        return d2 * s2**2, d1 * s1**2

    @property
    def kept(self) -> int:
        """m, the number of singular values above √(ab), at most r."""
        b, a = self.penalties
        return min(self.rank, int(np.count_nonzero(self.values > np.sqrt(a * b))))

    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """(x, y): the diagonals of X and Y at the smoothed minimum, with zeros beyond the kept ones, r entries each."""
        b, a = self.penalties
        products = np.zeros(self.rank)
        products[: self.kept] = self.values[: self.kept] - np.sqrt(a * b)
        return np.sqrt(products * np.sqrt(a / b)), np.sqrt(products * np.sqrt(b / a))


def setting_of(problem: AbstractProblem, dynamics: AbstractDynamics) -> Setting:
    """The setting; raises `InputError` for another problem or method, for schedules, and for a factor without noise."""
    is_full = (
        isinstance(problem, Factored)
        and isinstance(problem.parametrization, Asymmetric)
        and isinstance(problem.measurement, Full)
    )
    if not is_full:
        raise InputError("The stationary law is known for factorizations XYᵀ of a whole matrix; make one of those.")
    if not isinstance(dynamics, PerturbedGD) or type(dynamics.noise) is not Gaussian:
        raise InputError("The stationary law is known for PerturbedGD with Gaussian noise; give that method.")
    assert isinstance(problem, Factored)
    assert isinstance(problem.measurement, Full)
    steps, stds = _pair("step_size", dynamics.step_size), _pair("std", dynamics.noise.std)
    if min(stds) <= 0:
        raise InputError("The noise on one factor is zero, so there is no stationary law; give both factors noise.")
    values = np.asarray(problem.measurement.target.singular_triplets(min(problem.measurement.shape))[1], float)
    values = values[values > np.finfo(float).eps * max(problem.measurement.shape) * values[:1].sum()]
    return Setting(
        values, problem.measurement.shape, problem.shapes[0][1], 2.0 * problem.measurement.scale, steps, stds
    )


def _pair(name: str, values: PerFactor) -> tuple[float, float]:
    if not values.is_constant:
        raise InputError(f"{name} is a schedule, and a stationary law needs a constant one; give a number.")
    numbers = [float(value) for value in values.values]
    return (numbers[0], numbers[-1])
