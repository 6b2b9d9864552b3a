"""Inverse questions: the noise, and the way it fades, for a wanted balance and a wanted bias."""

import math
from typing import NamedTuple

import numpy as np
import scipy.optimize

from equipoise.core.checks import positive_number, real_number
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem, Signal, signal_of
from equipoise.core.types import RealNumber
from equipoise.dynamics import PerturbedGD
from equipoise.noise import Annealed, Gaussian
from equipoise.problems.factored import Factored
from equipoise.problems.parametrizations import Asymmetric
from equipoise.theory.drift import Steps, balance_after, step_pair
from equipoise.theory.stationary.law import law_of
from equipoise.theory.stationary.setting import Setting, setting_of

_SETTLED = 1e-9
_FARTHEST = 5.0
"""How far ln γ of the noise may be from ln of the wanted balance."""


def noise_for(
    problem: AbstractProblem,
    *,
    balance: RealNumber = 1.0,
    shrinkage: RealNumber = 0.01,
    step_size: RealNumber | Steps | None = None,
) -> Gaussian:
    """The isotropic Gaussian noise with which Perturbed GD ends at `balance` and lowers σ_r by the share `shrinkage`.

    The threshold is t = shrinkage σ_r, with σ_r the smallest singular value of M that is to be kept. From √(ab) = t and
    √(a/b) = γ it follows that s1 = √(γt/d1) and s2 = √(t/(γ d2)). In the limit of small step sizes the balance is γ.
    With a `step_size`, γ is found such that the `stationary_law` has the wanted balance, which differs from γ if M has
    singular values beyond the rank.

    - `problem`: a factorization XYᵀ of a whole matrix M; its rank says how many singular values are to be kept.
    - `balance`: the wanted ‖X‖/‖Y‖; 1 by default.
    - `shrinkage`: the wanted share, between 0 and 1; 0.01 by default.
    - `step_size`: η, or (ηx, ηy), in the unit 1/[M]; None, the default, for the limit of small ones.

    Raises `InputError` for other problems, if σ_r is 0, if the step size is not stable, and if no noise of that
    shrinkage has that balance. Source: Liu et al. (2021), Theorem 2, solved for the noise.
    """
    signal, shape = _signal(problem)
    wanted = positive_number("balance", balance)
    threshold = real_number("shrinkage", shrinkage, above=0, below=1) * float(np.asarray(signal.values)[-1])
    if step_size is None:
        return _noise(wanted, threshold, shape)
    method = PerturbedGD(step_pair(step_size), _noise(wanted, threshold, shape))
    return noise_in(setting_of(problem, method), wanted, threshold)


def noise_in(of: Setting, balance: float, threshold: float) -> Gaussian:
    """The noise of `threshold` √(ab), for which the stationary law has `balance` at the step sizes of the setting.

    Raises `InputError` if none is found, and if the step sizes are not stable.
    """
    first = math.log(balance)
    none = (
        f"No noise of threshold {threshold:g} was found that ends at balance {balance:g} with this step size; "
        "take a smaller step size, or a balance nearer to 1."
    )

    def excess(log_gamma: float) -> float:
        if abs(log_gamma - first) > _FARTHEST:
            raise InputError(none)
        s1, s2 = stds_of(math.exp(log_gamma), threshold, of.shape)
        return math.log(law_of(of._replace(stds=(s1, s2))).balance / balance)

    off = excess(first)
    if abs(off) < _SETTLED:
        return _noise(balance, threshold, of.shape)
    found = scipy.optimize.root_scalar(excess, x0=first, x1=first - off, method="secant", xtol=_SETTLED)
    if not found.converged:
        raise InputError(none)
    return _noise(math.exp(found.root), threshold, of.shape)


class Annealing(NamedTuple):
    """Noise that fades, with what is left of its biases at the end.

    - `noise`: the noise law, with a schedule of each standard deviation.
    - `steps`: the number of steps after which there is no noise.
    - `balance`: the balance then, of a pair that was fitted at the first step.
    - `shrinkage`: the share by which the smallest kept singular value is still lowered then.
    """

    noise: Gaussian
    steps: int
    balance: float
    shrinkage: float


def annealing_for(
    problem: AbstractProblem,
    *,
    step_size: RealNumber | Steps,
    balance: RealNumber = 1.0,
    start_balance: RealNumber,
    shrinkage: RealNumber = 0.05,
    bias: RealNumber = 1e-3,
) -> Annealing:
    """The shortest annealing after which balance and singular values are off by at most the share `bias`.

    The variance falls from that of `noise_for` as (1 − t/L)/(1 + t/T), with 1/T a quarter of the rate at which the
    noise of step 0 restores the balance. The drift until step L is that of T((1 + T/L) ln(1 + L/T) − 1) steps with the
    noise of step 0. The smallest kept singular value lags behind its threshold t(s), so it ends too low by the share
    |t'(L)|/(kσ_r), with k = 2 scale σ_r(γηy + ηx/γ). L is the smallest for which both shares are at most `bias`.

    - `problem`: a factorization XYᵀ of a whole matrix M.
    - `step_size`: η, or (ηx, ηy), in the unit 1/[M].
    - `balance`: the wanted balance γ; 1 by default.
    - `start_balance`: the balance of the pair before.
    - `shrinkage`: the share by which the noise of step 0 lowers σ_r; 0.05 by default.
    - `bias`: the largest relative bias at the end; 0.001 by default.

    It speaks of means, to the first order in `shrinkage`: a single path also keeps a fluctuation. Raises `InputError`
    as `noise_for` does, and if more than 10¹² steps were needed. Source: derived; see `balance_after` for the drift.
    """
    first = noise_for(problem, balance=balance, shrinkage=shrinkage)
    assert isinstance(problem, Factored)
    scale, steps, gamma = _scale(problem) / 2, step_pair(step_size), float(balance)
    start, most = positive_number("start_balance", start_balance), real_number("bias", bias, above=0, below=0.5)
    stds = tuple(float(value) for value in first.std.values)
    sigma, b = float(np.asarray(signal_of(problem).values)[-1]), problem.shapes[1][0] * stds[1] ** 2
    time = 4 * (gamma**2 / steps[0] + 1 / steps[1]) / (8 * scale * b * gamma**2)
    speed = 2 * scale * sigma * (gamma * steps[1] + steps[0] / gamma)

    def ends(last: float) -> tuple[float, float]:
        drifted = time * ((1 + time / last) * math.log1p(last / time) - 1)
        at = balance_after(start, drifted, first, problem.shapes, step_size=steps, scale=scale)
        return at, float(shrinkage) / (last * (1 + last / time) * speed)

    def excess(log_last: float) -> float:
        at, low = ends(math.exp(log_last))
        return math.log(max(abs(at / gamma - 1), low, 1e-300) / most)

    shortest, longest = math.log(1 / speed), math.log(1e12)
    if excess(longest) > 0:
        raise InputError("More than 10¹² steps would be needed; take a larger step size, shrinkage or bias.")
    last = 1 / speed if excess(shortest) <= 0 else math.exp(scipy.optimize.brentq(excess, shortest, longest))
    whole = max(1, math.ceil(last))
    return Annealing(Gaussian(std=tuple(Annealed(std, time, whole) for std in stds)), whole, *ends(float(whole)))


def stds_of(gamma: float, threshold: float, shape: tuple[int, int]) -> tuple[float, float]:
    """(s1, s2) = (√(γt/d1), √(t/(γ d2))) of the γ-balanced noise with the threshold t."""
    return math.sqrt(gamma * threshold / shape[0]), math.sqrt(threshold / (gamma * shape[1]))


def _noise(gamma: float, threshold: float, shape: tuple[int, int]) -> Gaussian:
    return Gaussian(std=stds_of(gamma, threshold, shape))


def _scale(problem: Factored) -> float:
    """2 scale of a whole matrix."""
    found = problem.measurement.curvature_scale()
    assert found is not None
    return found


def _signal(problem: AbstractProblem) -> tuple[Signal, tuple[int, int]]:
    """The signal of a factorization XYᵀ of a whole matrix, and the shape of that."""
    if (
        not isinstance(problem, Factored)
        or not isinstance(problem.parametrization, Asymmetric)
        or problem.measurement.curvature_scale() is None
    ):
        raise InputError("The noise is known for factorizations XYᵀ of a whole matrix; make one of those.")
    signal = signal_of(problem)
    values = np.asarray(signal.values)
    if not values[-1] > values[0] * max(problem.measurement.shape) * np.finfo(float).eps:
        raise InputError(
            f"Singular value {values.size} of the matrix is 0, so nothing can lower it; take a lower rank."
        )
    return signal, problem.measurement.shape
