"""How long the phases of Perturbed GD from a small start take: escape, descent and drift."""

import math
from typing import NamedTuple

import numpy as np
import scipy  # its parts load when they are used

from equipoise.core.checks import positive_number, real_number
from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.problem import Signal
from equipoise.core.types import RealNumber, Shapes
from equipoise.theory.drift import Steps, drift_steps, step_pair
from equipoise.theory.minimizers import smoothed_signal
from equipoise.theory.moments import check_isotropic, noise_balance, second_moments


class Phases(NamedTuple):
    """The steps of each phase.

    - `escape`: until the last kept direction of XYᵀ has half of its final size.
    - `descent`: from there until it has all of it but the share `tolerance`.
    - `drift`: from there until the balance is γ up to the factor 1 ± `tolerance`.
    """

    escape: float
    descent: float
    drift: float

    @property
    def total(self) -> float:
        """The sum of the three."""
        return self.escape + self.descent + self.drift


def phases(
    signal: Signal,
    noise: AbstractNoise,
    shapes: Shapes,
    *,
    step_size: RealNumber | Steps,
    start_std: RealNumber,
    tolerance: RealNumber = 0.01,
    scale: RealNumber = 0.5,
) -> Phases:
    """The steps that Perturbed GD from a small Gaussian start takes in each phase; for the median start.

    Escape and descent: a direction of size w, with the final size p = σ − √(ab), follows dw/dt = 4 scale η w(p − w),
    where η = √(ηx ηy). So escape takes ln(p/w₀ − 1)/(4 scale ηp) and descent ln(1/tolerance − 1)/(4 scale ηp), with the
    smallest p. The start has w₀ = m (s²(ηx + ηy)/(4η) + 2 scale σ(ηx s2² + ηy s1²)/8): s is its standard deviation, the
    second part is what the noise adds before the escape, and m is the median of χ² with r degrees of freedom. Drift:
    `drift_steps` from √(ηx/ηy), the balance that small starts lead to.

    - `signal`: the singular triplets of M that are to be fitted.
    - `noise`: the noise law, isotropic.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step_size`: η, or (ηx, ηy), in the unit 1/[M].
    - `start_std`: the standard deviation of the entries of the start, in √[M].
    - `tolerance`: how near, relatively, counts as there; 0.01 by default.
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.

    Raises `InputError` if the start is not small, if the noise is not isotropic or is zero on a factor, and if it
    leaves no direction. Source: derived; Liu et al. (2021), Lemmas 4 to 7, bound the phases by powers of 1/η and 1/σ.
    """
    check_isotropic(noise, shapes)
    left = np.asarray(smoothed_signal(signal, noise, shapes).values)
    kept = int(np.count_nonzero(left))
    if kept == 0:
        raise InputError("The noise leaves no singular value of M above 0; take less noise.")
    steps, near = step_pair(step_size), real_number("tolerance", tolerance, above=0, below=0.5)
    final, factor, eta = (
        float(left[kept - 1]),
        2 * positive_number("scale", scale),
        math.sqrt(steps[0]) * math.sqrt(steps[1]),
    )
    first, second = (
        float(moment[0, 0]) / shape[0] for moment, shape in zip(second_moments(noise, shapes), shapes, strict=True)
    )
    started = positive_number("start_std", start_std) ** 2 * (steps[0] + steps[1]) / (4 * eta)
    added = factor * float(signal.values[kept - 1]) * (steps[0] * second + steps[1] * first) / 8
    size = float(scipy.stats.chi2.median(shapes[0][1])) * (started + added)
    if size >= final / 2:
        raise InputError(
            f"The start has the size {size:.3g} along the last kept direction, and ends there with {final:.3g}; "
            "take a smaller start_std or less noise."
        )
    rate = 2 * factor * eta * final
    gamma = noise_balance(noise, shapes)
    at = math.sqrt(steps[0] / steps[1])
    end = gamma * (1 + near) if at > gamma else gamma * (1 - near)
    is_there = abs(at / gamma - 1) <= near
    drift = 0.0 if is_there else drift_steps(at, end, noise, shapes, step_size=steps, scale=scale)
    return Phases(math.log(final / size - 1) / rate, math.log(1 / near - 1) / rate, drift)
