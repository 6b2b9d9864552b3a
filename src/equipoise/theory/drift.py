"""The drift along the minima: how fast noise turns any balance into its own."""

import math

import scipy.optimize

from equipoise.core.checks import non_negative_number, positive_number, real_number
from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.types import RealNumber, Shapes
from equipoise.theory.moments import check_isotropic, second_moments

Steps = tuple[RealNumber, RealNumber]


def drift_steps(
    start: RealNumber,
    end: RealNumber,
    noise: AbstractNoise,
    shapes: Shapes,
    *,
    step_size: RealNumber | Steps,
    scale: RealNumber = 0.5,
    step: int = 0,
) -> float:
    """The number of steps in which noise takes the balance β of a fitted pair from `start` to `end`.

    On the minima of F = scale ‖XYᵀ − M‖² the noise moves each direction by
    dβ/dt = −4 scale b β(β² − γ²)/(β²/ηx + 1/ηy), whatever its singular value. So
    t = (Φ(start) − Φ(end))/(4 scale b), with

        Φ(β) = ½(1/ηx + 1/(γ²ηy)) ln|β² − γ²| − ln β/(γ²ηy).

    Near γ the distance falls as e^(−kt), with k = 8 scale b γ²/(γ²/ηx + 1/ηy); for γ = 1, scale ½ and one η this is
    2ηb. Here b = E‖ξ₂‖²/r and γ² = E‖ξ₁‖²/E‖ξ₂‖².

    - `start`, `end`: two balances on one side of γ, of which `end` is the nearer.
    - `noise`: the noise law, isotropic.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step_size`: η, or (ηx, ηy), in the unit 1/[M].
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.
    - `step`: the step at which to read a schedule of the noise, which is taken as constant; 0 by default.

    The relative error is of the order of √(ab)/σ and of ησ. Raises `InputError` for noise that is not isotropic or is
    zero, and if `end` is not on the way from `start` to γ. Source: derived from the smoothed objective of Liu et al.
    (2021), Eq. (6), by D = XᵀX/ηx − YᵀY/ηy; the paper bounds the time in Lemma 7.
    """
    rate, gamma, steps = _setting(noise, shapes, step_size, scale, step)
    first, last = positive_number("start", start), positive_number("end", end)
    if first == last:
        return 0.0
    if not (first > last > gamma or first < last < gamma):
        raise InputError(
            f"The balance goes from {first:g} to γ = {gamma:g} and does not pass {last:g}; give an end between them."
        )
    return (_potential(first, gamma, steps) - _potential(last, gamma, steps)) / rate


def balance_after(
    start: RealNumber,
    time: RealNumber,
    noise: AbstractNoise,
    shapes: Shapes,
    *,
    step_size: RealNumber | Steps,
    scale: RealNumber = 0.5,
    step: int = 0,
) -> float:
    """The balance of a fitted pair after `time` steps of noise; the inverse of `drift_steps`.

    - `start`: the balance before.
    - `time`: the number of steps, 0 or greater. For noise that fades, it is Σ b(t)/b(0) over the steps.
    - the other arguments: those of `drift_steps`.

    Raises `InputError` as `drift_steps` does. Source: see there.
    """
    rate, gamma, steps = _setting(noise, shapes, step_size, scale, step)
    first, duration = positive_number("start", start), non_negative_number("time", time)
    if first == gamma or duration == 0:
        return first
    wanted = _potential(first, gamma, steps) - rate * duration

    # in u = ln|β/γ − 1| or ln|γ/β − 1|, so that the end may be as near to γ as rounding allows
    def balance(u: float) -> float:
        return gamma * (1 + math.exp(u)) if first > gamma else gamma / (1 + math.exp(u))

    def excess(u: float) -> float:
        return _potential_at(u, first > gamma, gamma, steps) - wanted

    top = math.log(first / gamma - 1) if first > gamma else math.log(gamma / first - 1)
    low = top - 1.0
    while excess(low) > 0:
        low = top + 2 * (low - top)
    return balance(float(scipy.optimize.brentq(excess, low, top, xtol=1e-13)))


def _potential(beta: float, gamma: float, steps: tuple[float, float]) -> float:
    over = beta > gamma
    return _potential_at(math.log(beta / gamma - 1 if over else gamma / beta - 1), over, gamma, steps)


def _potential_at(u: float, over: bool, gamma: float, steps: tuple[float, float]) -> float:
    """Φ, without cancellation near γ."""
    log_ratio = math.log1p(math.exp(u)) * (1 if over else -1)
    ratio = math.exp(log_ratio)
    # |β² − γ²| = γ²|β/γ − 1|(β/γ + 1)
    log_distance = u + (0.0 if over else log_ratio) + math.log1p(ratio) + 2 * math.log(gamma)
    half = 0.5 * (1 / steps[0] + 1 / (gamma**2 * steps[1]))
    return half * log_distance - (log_ratio + math.log(gamma)) / (gamma**2 * steps[1])


def _setting(
    noise: AbstractNoise, shapes: Shapes, step_size: RealNumber | Steps, scale: RealNumber, step: int
) -> tuple[float, float, tuple[float, float]]:
    """(4 scale b, γ, (ηx, ηy))."""
    check_isotropic(noise, shapes, step)
    a, b = (float(moment[0, 0]) for moment in second_moments(noise, shapes, step))
    if min(a, b) <= 0:
        raise InputError("The noise on one factor is zero, so no balance is restored; give both factors noise.")
    return 4 * positive_number("scale", scale) * b, math.sqrt(a / b), step_pair(step_size)


def step_pair(step_size: RealNumber | Steps) -> tuple[float, float]:
    """(ηx, ηy); raises `InputError` for what is neither one positive number nor two."""
    given = tuple(step_size) if isinstance(step_size, tuple | list) else (step_size, step_size)
    if len(given) != 2:
        raise InputError(f"step_size has {len(given)} numbers; give one, or (ηx, ηy).")
    first, second = (real_number("step_size", value, above=0) for value in given)
    return first, second
