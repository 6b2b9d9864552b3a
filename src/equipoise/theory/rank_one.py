"""Gradient descent on ½‖uvᵀ − σ₁u*v*ᵀ‖² in four numbers."""

import math
from typing import Any, NamedTuple

import numpy as np

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.types import RealNumber, Theta

LARGEST_RATIO = 100.0
"""The largest ratio of the two signal strengths at the start that Du et al. (2018), Appendix C, allow: 1/100 to 100."""


class Strengths(NamedTuple):
    """α = uᵀu*, β = vᵀv*, α⊥ = ‖u − αu*‖ and β⊥ = ‖v − βv*‖, in the unit √[M]; numbers, or arrays of one shape.

    α⊥ and β⊥ are norms up to sign: their sign changes where a step crosses 0. Source: Du et al. (2018), Appendix C.
    """

    alpha: Any
    beta: Any
    alpha_off: Any
    beta_off: Any

    def signal_misfit(self, value: RealNumber) -> Any:
        """h = αβ − σ₁, where `value` is σ₁; in the unit [M]."""
        return self.alpha * self.beta - value

    @property
    def off_signal(self) -> Any:
        """ξ = α⊥² + β⊥², in the unit [M]."""
        return self.alpha_off**2 + self.beta_off**2

    def distance(self, value: RealNumber) -> Any:
        """‖uvᵀ − M‖_F = √(h² + α²β⊥² + α⊥²β² + α⊥²β⊥²), where `value` is σ₁; in the unit [M]."""
        across = (self.alpha * self.beta_off) ** 2 + (self.alpha_off * self.beta) ** 2
        return (self.signal_misfit(value) ** 2 + across + (self.alpha_off * self.beta_off) ** 2) ** 0.5

    def after_step(self, step_size: RealNumber, value: RealNumber) -> "Strengths":
        """The four numbers after one step; they follow from the four numbers before it.

        α ← (1 − η(β² + β⊥²))α + ησ₁β, β ← (1 − η(α² + α⊥²))β + ησ₁α, α⊥ ← (1 − η(β² + β⊥²))α⊥ and β⊥ ← (1 − η(α² +
        α⊥²))β⊥.

        - `step_size`: η, in the unit 1/[M].
        - `value`: σ₁, in the unit [M].

        Source: Du et al. (2018), Eq. (23).
        """
        keep_u = 1 - step_size * (self.beta**2 + self.beta_off**2)
        keep_v = 1 - step_size * (self.alpha**2 + self.alpha_off**2)
        return Strengths(
            keep_u * self.alpha + step_size * value * self.beta,
            keep_v * self.beta + step_size * value * self.alpha,
            keep_u * self.alpha_off,
            keep_v * self.beta_off,
        )


def rank_one_strengths(signal: Signal, theta: Theta) -> Strengths:
    """The four numbers of θ = (u: … x d1 x 1, v: … x d2 x 1), as NumPy arrays over the leading axes.

    - `signal`: the singular triplet (σ₁, u*, v*) of M.
    - `theta`: (u, v), with any leading axes.

    Raises `InputError` if the signal or the factors have more than one column.
    """
    if signal.values.size != 1 or any(w.shape[-1] != 1 for w in theta):
        raise InputError(
            f"The four strengths exist for rank 1 only, but the signal has rank {signal.values.size} and the factors "
            f"have {theta[0].shape[-1]} columns; use a problem of rank 1."
        )
    numbers = []
    for side, factor in zip((signal.left, signal.right), theta, strict=True):
        basis, w = np.asarray(side)[:, 0], np.asarray(factor)[..., 0]
        on = w @ basis
        numbers.append((on, np.linalg.norm(w - on[..., None] * basis, axis=-1)))
    (alpha, alpha_off), (beta, beta_off) = numbers
    return Strengths(alpha, beta, alpha_off, beta_off)


def escape_steps(start: Strengths, step_size: RealNumber, value: RealNumber) -> tuple[Any, Any]:
    """Bounds (low, high) of T₁, the first step with α² + β² ≥ σ₁/2, for a start with α, β > 0.

    α + β grows per step by a factor between 1 + c/3 and 1 + c, where c = ησ₁. It is below √σ₁ before T₁ and at least
    √(σ₁/2) at T₁. Hence ln(√(σ₁/2)/(α₀ + β₀))/ln(1 + c) ≤ T₁ < 1 + ln(√σ₁/(α₀ + β₀))/ln(1 + c/3).

    - `start`: the four numbers of the start.
    - `step_size`: η, in the unit 1/[M].
    - `value`: σ₁, in the unit [M].

    Source: Du et al. (2018), Lemma C.1.
    """
    c, total = step_size * value, start.alpha + start.beta
    low = np.log((value / 2) ** 0.5 / total) / math.log1p(c)
    high = 1 + np.log(value**0.5 / total) / math.log1p(c / 3)
    return np.maximum(low, 0.0), np.maximum(high, 0.0)


def signal_constant(ratio: RealNumber = LARGEST_RATIO) -> float:
    """c₁ = 1/(8(1 + ratio²)): α, β ≥ 2√(c₁σ₁) at T₁ if neither is more than `ratio` times the other.

    Lemma C.2 promises that ‖off signal‖² and then |αβ − σ₁| shrink by 1 − c₁ησ₁ per step: 1.25e-5 ησ₁ for the paper's
    ratio of 100. c₁ is the largest constant that follows from α² + β² ≥ σ₁/2. Raises `InputError` for a ratio below 1.
    Source: Du et al. (2018), proof of Lemma C.2.
    """
    bound = real_number("ratio", ratio, least=1, hint="the larger strength over the smaller")
    return 1 / (8 * (1 + bound**2))


class ConvergenceRates(NamedTuple):
    """The number of steps to ‖uvᵀ − M‖_F ≤ εσ₁, as two slopes.

    - `per_log_dimension`: steps per unit of ln d.
    - `per_log_accuracy`: steps per unit of ln(1/ε).
    """

    per_log_dimension: float
    per_log_accuracy: float


def convergence_rates(step_size: RealNumber, value: RealNumber) -> ConvergenceRates:
    """The two slopes of T = O(log(d/ε)), for starts of strength ∝ √(σ₁/d).

    T = ln(d)/(2 ln(1 + c)) + ln(1/ε)/(−ln(1 − c)) + O(1), where c = ησ₁: early on, α + β grows by 1 + c per step; late,
    the part off the signal shrinks by 1 − c per step.

    - `step_size`: η, in the unit 1/[M].
    - `value`: σ₁, in the unit [M].

    Raises `InputError` unless 0 < c < ⅔. Beyond ⅔, αβ − σ₁, which changes by 1 − 2c per step, shrinks more slowly.
    Source: derived from Du et al. (2018), Eq. (23), linearized at 0 and at the optimum.
    """
    c = step_size * value
    if not 0 < c < 2 / 3:
        raise InputError(f"step_size times value is {c:g}; it must be greater than 0 and below 2/3.")
    return ConvergenceRates(1 / (2 * math.log1p(c)), -1 / math.log1p(-c))
