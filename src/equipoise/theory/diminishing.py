"""Diminishing step sizes that keep two factors balanced, and the number of steps they need."""

import math

import numpy as np
import scipy.special

from equipoise.core.checks import positive_number, real_number, whole_number
from equipoise.core.types import RealNumber
from equipoise.dynamics.schedules import PowerDecay


def _checked(norm: RealNumber, rank: int, epsilon: RealNumber, delta: RealNumber) -> None:
    largest = positive_number("norm", norm)
    real_number("epsilon", epsilon, above=0, below=largest, hint="the norm of M")
    whole_number("The rank", rank, 1)
    real_number("delta", delta, above=0, most=0.5)


def diminishing_step_size(norm: RealNumber, rank: int, epsilon: RealNumber, delta: RealNumber = 0.5) -> PowerDecay:
    """η_t = √(ε/r)/(100 ‖M‖_F^{3/2}) · (t + 1)^−(½+δ), t = 0, 1, …; in the unit 1/[M].

    With it ‖UᵀU − VᵀV‖_F ≤ ε at every step of gradient descent from a small start. The paper states δ = ½ and says that
    any δ in (0, ½] works. With this constant the proof holds if ζ(1 + 2δ) ≤ 125√r, that is, if δ ≥ 0.0041.

    - `norm`: ‖M‖_F, in the unit [M].
    - `rank`: r, the number of columns of U and V.
    - `epsilon`: ε, the bound of the imbalance, in the unit [M].
    - `delta`: δ; ½ by default.

    Raises `InputError` unless 0 < ε < ‖M‖_F, r ≥ 1 and 0 < δ ≤ ½. Source: Du et al. (2018), Theorem 3.1.
    """
    _checked(norm, rank, epsilon, delta)
    return PowerDecay((epsilon / rank) ** 0.5 / (100 * norm**1.5), 0.5 + delta)


def largest_diminishing_step_size(
    norm: RealNumber, rank: int, epsilon: RealNumber, delta: RealNumber = 0.5
) -> PowerDecay:
    """The largest c (t + 1)^−(½+δ) for which the proof of Theorem 3.1 holds; in the unit 1/[M].

    c is the smaller of two numbers: √(ε/(80√r ‖M‖³ζ(1 + 2δ))) keeps the drift of the balance within ε/2, and 1/((66√r +
    2)‖M‖) makes the loss fall.

    - `norm`: ‖M‖_F, in the unit [M].
    - `rank`: r, the number of columns of U and V.
    - `epsilon`: ε, the bound of the imbalance, in the unit [M].
    - `delta`: δ; ½ by default.

    Raises `InputError` as `diminishing_step_size` does. Source: Du et al. (2018), Claims B.1 and B.2.
    """
    _checked(norm, rank, epsilon, delta)
    by_drift = (epsilon / (80 * rank**0.5 * norm**3 * float(scipy.special.zeta(1 + 2 * delta)))) ** 0.5
    return PowerDecay(min(by_drift, 1 / smoothness(norm, rank)), 0.5 + delta)


def smoothness(norm: RealNumber, rank: int) -> float:
    """(66√r + 2)‖M‖_F, an upper bound of the Hessian's eigenvalues where ‖U‖²_F, ‖V‖²_F ≤ 11√r ‖M‖_F; in the unit [M].

    - `norm`: ‖M‖_F, in the unit [M].
    - `rank`: r, the number of columns of U and V.

    Source: Du et al. (2018), Lemma B.1 and Claim B.2.
    """
    return float((66 * rank**0.5 + 2) * norm)


def factor_bound(norm: RealNumber, rank: int) -> float:
    """5√r ‖M‖_F, the bound of ‖U‖²_F and ‖V‖²_F at every step; in the unit [M].

    - `norm`: ‖M‖_F, in the unit [M].
    - `rank`: r, the number of columns of U and V.

    Source: Du et al. (2018), Lemma 3.1.
    """
    return float(5 * rank**0.5 * norm)


def drift_bound(schedule: PowerDecay, norm: RealNumber, rank: int) -> float:
    """40√r ‖M‖³_F Σ_t η_t², the most that ‖UᵀU − VᵀV‖_F can grow over all steps; in the unit [M].

    It is infinite for exponents up to ½.

    - `schedule`: the step sizes η_t, in the unit 1/[M].
    - `norm`: ‖M‖_F, in the unit [M].
    - `rank`: r, the number of columns of U and V.

    Source: Du et al. (2018), Claim B.1, after Eq. (13).
    """
    exponent, initial = float(schedule.exponent), float(schedule.initial)
    squares = initial**2 * float(scipy.special.zeta(2 * exponent)) if exponent > 0.5 else math.inf
    return float(40 * rank**0.5 * norm**3 * squares)


def log10_steps(schedule: PowerDecay, time: RealNumber) -> float:
    """log₁₀ of the number of steps T after which η_0 + … + η_{T−1} reaches `time`; infinite if it never does.

    From Σ_{t=1}^T t^−p = ζ(p) + (T + ½)^{1−p}/(1 − p) + O(T^{−1−p}), or γ + ln(T + ½) for p = 1. So with the paper's
    1/t the number of steps is exponential in the time.

    - `schedule`: the step sizes η_t, in the unit 1/[M].
    - `time`: the sum of step sizes to reach, in the unit 1/[M].

    Raises `InputError` for a time that is not greater than 0.
    """
    positive_number("time", time)
    p, total = float(schedule.exponent), time / float(schedule.initial)
    if total <= 1:
        return 0.0
    if p == 1:
        with_half = float(total - np.euler_gamma) / math.log(10)
    else:
        rest = (1 - p) * (total - float(scipy.special.zeta(p)))
        with_half = math.inf if rest <= 0 else math.log10(rest) / (1 - p)
    return with_half if with_half > 16 else math.log10(max(1.0, 10**with_half - 0.5))
