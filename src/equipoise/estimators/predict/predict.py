"""The public function that predicts the limit."""

import math
from typing import Any

import numpy as np

from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.estimators.factor.columns import prepared
from equipoise.estimators.factor.core import core_of
from equipoise.estimators.factor.scores import FactorizationScore, score_of
from equipoise.estimators.predict.limit import PredictedLimit
from equipoise.estimators.predict.notes import notes_on
from equipoise.estimators.predict.question import Wishes, setting_for, stability
from equipoise.estimators.predict.spectrum import Spectrum, spectrum_of
from equipoise.noise import Gaussian
from equipoise.theory import Phases, StationaryLaw, phases
from equipoise.theory.design import stds_of
from equipoise.theory.stationary.law import law_of
from equipoise.theory.stationary.setting import Setting

_START = 0.01


def predict(
    matrix: Any,
    rank: int,
    *,
    noise_std: RealNumber | None = None,
    gamma: RealNumber | None = None,
    balance: RealNumber | None = None,
    shrinkage: RealNumber | None = None,
    step_size: RealNumber | tuple[RealNumber, RealNumber] | None = None,
    start_std: RealNumber | None = None,
    center: bool = False,
    scale: bool = False,
) -> PredictedLimit:
    """Where Perturbed GD with constant noise ends on M, without running it; or the noise with which it ends as wanted.

    On average it descends ½‖XYᵀ − M‖² + (d2 s2²/2)‖X‖² + (d1 s1²/2)‖Y‖². So it lowers each singular value by
    t = √(d1 d2) s1 s2 and ends at the balance γ = √(d1/d2) s1/s2 as η → 0. What a finite step size adds, and the
    spread, come from `theory.stationary_law`; the steps of each phase from `theory.phases`.

    - `matrix`: M, dense (d1, d2) or SciPy sparse.
    - `rank`: the number R of columns of X and Y.
    - `noise_std`: s2, the standard deviation of the noise on Y, in √[M]; that on X follows from γ.
    - `gamma`: γ; 1 by default. Only with `noise_std`.
    - `balance`, `shrinkage`: instead of `noise_std`, the wanted ‖X‖_F/‖Y‖_F at this step size (1 by default), and the
      wanted share t/σ_R by which the smallest kept singular value is lowered (0.01 by default). Give at least one.
    - `step_size`: η, or (ηx, ηy), in 1/[M]; by default a tenth of the largest stable one of gradient descent there.
    - `start_std`: the standard deviation of the entries of the start, in √[M], for the phases; by default
      0.01 √(σ/R), with σ the smallest singular value that is left.
    - `center`, `scale`: whether to subtract the mean of each column, and to divide it by its root mean square; as in
      `estimators.factor`.

    The error is of the next order in the step size; `balance_error` estimates it. If one side of M is longer than 1000,
    or M has more than 2²⁴ entries, the singular values beyond R + 20 count as 0. Raises `InputError` for a matrix or a
    number that cannot be used, and for noise that hides the whole matrix; an unstable step size gets a note. Source:
    Liu et al. (2021), Theorem 2; see the functions named for the rest.
    """
    spectrum = spectrum_of(prepared(matrix, center=center, scale=scale).matrix, rank)
    of = setting_for(spectrum, Wishes(noise_std, gamma, balance, shrinkage, step_size))
    stable = stability(spectrum, of) < 1
    law, no_law = _law(spectrum, of) if stable else (None, "")
    at = _at_minimum(spectrum, of)
    b, a = of.penalties
    threshold, balance_of_noise = math.sqrt(a) * math.sqrt(b), math.sqrt(a / b)
    values = np.zeros(of.rank)
    values[: min(of.rank, of.values.size)] = of.values[: of.rank]
    lowered = np.maximum(values - threshold, 0.0)
    start = _START * math.sqrt(lowered[of.kept - 1] / of.rank)
    start = start if start_std is None else positive_number("The standard deviation of the start", start_std)
    times, no_phases = _phases(spectrum, of, law, start) if stable else (None, "")
    return PredictedLimit(
        shape=of.shape,
        rank=of.rank,
        noise_std=of.stds,
        gamma=balance_of_noise,
        threshold=threshold,
        step_sizes=of.steps,
        largest_step_sizes=spectrum.largest_steps(of),
        singular_values=values,
        lowered_values=lowered,
        kept=of.kept,
        law=law,
        relative_error=_relative_error(spectrum, law, at),
        nuclear_norm=at.nuclear_norm,
        sharpness=at.sharpness,
        condition_number=at.condition_number,
        phases=times,
        start_std=start,
        following=of.values[of.rank : 2 * of.rank],
        notes=notes_on(spectrum, of, no_law, no_phases),
    )


def _at_minimum(spectrum: Spectrum, of: Setting) -> FactorizationScore:
    """The properties of the smoothed minimum."""
    core = core_of(spectrum.target).target
    size_x, size_y = of.sizes()
    signal = core.signal
    theta = np.asarray(signal.left) * size_x, np.asarray(signal.right) * size_y
    return score_of("predicted", core, spectrum.target, theta, steps=None, seconds=0.0, status="completed")


def _relative_error(spectrum: Spectrum, law: StationaryLaw | None, at: FactorizationScore) -> float:
    if law is None:
        return at.relative_error
    return math.sqrt(2 * law.loss + spectrum.rest) / spectrum.target.norm


def _law(spectrum: Spectrum, of: Setting) -> tuple[StationaryLaw | None, str]:
    """The stationary law, or the sentence that says why it is not known."""
    refused = spectrum.without_law(of)
    try:
        return (None, refused) if refused else (law_of(of), "")
    except InputError as error:
        return None, str(error)


def _phases(spectrum: Spectrum, of: Setting, law: StationaryLaw | None, start_std: float) -> tuple[Phases | None, str]:
    """The steps of each phase, with a drift that ends at the balance of the law; or the sentence that refuses them."""
    b, a = of.penalties
    gamma = math.sqrt(a / b) if law is None else law.balance
    noise = Gaussian(std=stds_of(gamma, math.sqrt(a) * math.sqrt(b), of.shape))
    try:
        found = phases(spectrum.signal, noise, spectrum.shapes, step_size=of.steps, start_std=start_std)
    except InputError as error:
        return None, str(error)
    return found, ""
