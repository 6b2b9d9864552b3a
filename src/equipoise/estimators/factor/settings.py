"""All settings of a run, chosen from the singular values alone, so that the result scales with the matrix."""

import math
from typing import NamedTuple

import numpy as np

from equipoise.core.checks import non_negative_number, positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.estimators.factor.balancing import noise_ratio
from equipoise.estimators.factor.recording import interval
from equipoise.estimators.factor.target import Target

_MOST_STEPS = 1_000_000
_MOST_WORK = 3e11
_EXPONENT = 4.0


class Wishes(NamedTuple):
    """The user's wishes; None means to choose. `step_size` is in 1/[M], `noise` in √[M], the rest without unit."""

    gamma: RealNumber
    steps: int | None
    step_size: RealNumber | None
    noise: RealNumber | None
    start_balance: RealNumber
    start_scale: RealNumber | None


class FactorizationSettings(NamedTuple):
    """The settings of a run.

    - `gamma`: the balance to end at.
    - `steps`: the number of steps.
    - `noisy_steps`: the step at which the noise reaches 0.
    - `step_size`: η, in 1/[M]; `step_sizes` are (γη, η/γ).
    - `largest_step_size`: the largest stable η, in 1/[M].
    - `noise`: the standard deviations on X and Y at step 0, in √[M].
    - `time_constant`: the time constant with which the noise fades, in steps.
    - `start_balance`: ‖X₀‖/‖Y₀‖.
    - `start_scale`: ‖X₀‖‖Y₀‖/(Rσ₁).
    - `start_norms`: (‖X₀‖, ‖Y₀‖), in √[M].
    """

    gamma: float
    steps: int
    noisy_steps: int
    step_size: float
    largest_step_size: float
    noise: tuple[float, float]
    time_constant: float
    start_balance: float
    start_scale: float
    start_norms: tuple[float, float]

    @property
    def step_sizes(self) -> tuple[float, float]:
        """(γη, η/γ): in these proportions every γ is as fast and as stable as γ = 1."""
        return self.gamma * self.step_size, self.step_size / self.gamma


def choose(target: Target, wishes: Wishes) -> FactorizationSettings:
    """All settings; raises `InputError` for wishes out of range and for a step size beyond the largest stable one."""
    gamma = positive_number("gamma", wishes.gamma, hint="the balance ‖X‖/‖Y‖ to end at")
    balance = positive_number("The start's balance", wishes.start_balance, hint="the ratio ‖X‖/‖Y‖ to start from")
    unbalance = max(balance / gamma, gamma / balance)
    # a start so small that its larger factor is not larger than in the result
    usual = 0.01 * min(1.0, 100 / unbalance)
    scale = usual if wishes.start_scale is None else positive_number("The start's scale", wishes.start_scale)
    columns, top = target.problem.rank, float(target.values[0])
    norms = tuple(math.sqrt(scale * columns * top * b) for b in (balance, 1 / balance))
    largest = _largest_step_size(target, unbalance, scale)
    step_size = _step_size(wishes.step_size, largest)
    strength, std_y = _noise(target, gamma, wishes.noise)
    ratio = gamma * noise_ratio(target.values, target.best_error * target.norm, target.shape, step_size, columns)
    std_x = ratio * std_y * math.sqrt(target.shape[1] / target.shape[0])
    time = _EXPONENT / (2 * step_size * strength) if strength > 0 else 1.0
    start = scale * columns * top * (unbalance - 1 / unbalance)
    noisy, quiet = _duration(target, step_size, time if strength > 0 else 0.0, start)
    steps, noisy = _steps(target, wishes.steps, noisy, quiet)
    stds = (std_x, std_y)
    return FactorizationSettings(
        gamma, steps, noisy, step_size, largest, stds, time, balance, scale, (norms[0], norms[1])
    )


def _largest_step_size(target: Target, unbalance: float, scale: float) -> float:
    """2/λmax, where λmax is the largest curvature from the start to the balanced minimum, in γ-balanced coordinates.

    A pair (x, y) with imbalance D = x² − y² and product p has λmax = √(D² + 4p²). D stays constant while p goes to σ1.
    """
    top, columns = float(target.values[0]), target.problem.rank
    # the largest singular value of a Gaussian d x R matrix is at most about (√d + √R) times its standard deviation
    wide, narrow = (scale * columns * top * u for u in (unbalance, 1 / unbalance))
    x, y = (w * min((1 + math.sqrt(columns / min(target.shape))) ** 2 / columns, 1.0) for w in (wide, narrow))
    product = math.sqrt(x * y)
    return 2 / (math.hypot(x - y, 2 * max(product, top)) + max(product - top, 0.0))


def _step_size(wish: RealNumber | None, largest: float) -> float:
    """The wish, or half the largest stable one: the top mode then converges at once, and noise finds room."""
    if wish is None:
        return largest / 2
    step_size = positive_number("The step size", wish, hint=f"at most {largest:.6g} is stable here")
    if step_size >= largest:
        raise InputError(
            f"The step size {step_size:g} is too large, because the largest stable step size here is {largest:.6g}; "
            "take half of that, or leave it out."
        )
    return step_size


def _noise(target: Target, gamma: float, wish: RealNumber | None) -> tuple[float, float]:
    """(√(ab), s2): the threshold on the singular values at step 0, and the standard deviation on Y that gives it.

    √(ab) = γ d2 s2² is chosen such that the largest singular value of the noise, at most about √a (1 + √(R/d1) +
    2/√d1), stays below half of √σ1.
    """
    rows = target.shape[1]
    if wish is not None:
        std = non_negative_number("The noise", wish, hint="a standard deviation")
        return gamma * rows * std**2, std
    least = min(target.shape)
    growth = 1 + math.sqrt(target.problem.rank / least) + 2 / math.sqrt(least)
    strength = 0.25 * float(target.values[0]) / growth**2
    return strength, math.sqrt(strength / (gamma * rows))


def _duration(target: Target, step_size: float, time: float, unbalance: float) -> tuple[int, int]:
    """The numbers of steps with and without noise that give balance within about 0.2% and the Eckart-Young error."""
    values = target.values
    total = float(np.sum(values))
    # the imbalance ‖X‖² − ‖Y‖² of the start falls by ((1 + t/time)/e)^−c; it should fall to 0.2% of the final ‖X‖²
    ratio = max(math.e * (unbalance / (0.002 * total)) ** (1 / _EXPONENT), 10.0)
    # ‖ξ‖² fluctuates by √(2 Σσ²/d) s², so the balance has a standard deviation of √(80000 …/steps) · 0.2%
    spread = 80_000 * float(np.sum(values**2)) / total**2 * sum(1 / d for d in target.shape)
    noisy = max(ratio * time, spread) if time > 0 else 0.0
    quiet = 15 / (step_size * target.smallest_that_matters)
    return math.ceil(min(noisy, 1e9)), math.ceil(min(quiet, 1e9))


def _steps(target: Target, wish: int | None, noisy: int, quiet: int) -> tuple[int, int]:
    """The number of all steps and of those with noise; if the total is bounded, each half gets its share."""
    total = min(noisy + quiet, _affordable(target)) if wish is None else whole_number("The number of steps", wish, 1)
    if wish is None:  # a multiple of the interval, so that all intervals are equal
        total = -(-total // interval(total)) * interval(total)
    quiet = min(quiet, max(total // 2, total - noisy))
    return total, total - quiet if noisy else 0


def _affordable(target: Target) -> int:
    """At most a million steps; fewer for a matrix on which they would take more than a minute or two."""
    # products with M and its transpose, random numbers, and the fixed cost of a step
    work = target.problem.rank * (4 * target.stored + 60 * sum(target.shape)) + 200_000
    return int(min(max(_MOST_WORK / work, 2000), _MOST_STEPS))
