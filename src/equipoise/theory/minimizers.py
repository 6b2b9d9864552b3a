"""The stationary points of the smoothed objective: its minima and its saddles."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.problem import Signal
from equipoise.core.types import RealNumber, Shapes
from equipoise.theory.moments import check_isotropic, noise_balance, paired_directions, threshold, thresholds

FactorPair = tuple[Float[np.ndarray, "d1 rank"], Float[np.ndarray, "d2 rank"]]


def smoothed_signal(signal: Signal, noise: AbstractNoise, shapes: Shapes, step: int = 0) -> Signal:
    """The product at the smoothed minimum, W = A diag((σᵢ − tᵢ)₊) Bᵀ, as singular triplets.

    The penalties s tr(XBXᵀ) + s tr(YAYᵀ) on the factors of W are at least 2s Σ σᵢ(W) tᵢ, with σᵢ descending and the
    `thresholds` tᵢ ascending. For isotropic noise this bound is the nuclear norm √(ab)‖W‖_*.

    - `signal`: the singular triplets of M.
    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` for infinite second moments. Source: Liu et al. (2021), Theorem 2, for isotropic noise; other
    noise makes Section 6 definite.
    """
    # Why: let A^½B^½ = Q diag(t) Pᵀ. Then W = Σⱼ Wⱼ, where Wⱼ = X B^½ pⱼ (Y A^½ qⱼ)ᵀ / tⱼ has rank 1. By the inequality
    # of the two means the penalties are at least 2s Σⱼ tⱼ‖Wⱼ‖ = 2s Σₖ (tₖ − tₖ₋₁) Σ_{j≥k} ‖Wⱼ‖, t₀ = 0. By
    # Eckart-Young-Mirsky, Σ_{j≥k} ‖Wⱼ‖ ≥ ‖W − Σ_{j<k} Wⱼ‖_* ≥ Σ_{i≥k} σᵢ(W), with equality at Wⱼ = σⱼ aⱼ bⱼᵀ.
    lowered = thresholds(noise, shapes, step)
    count = min(lowered.size, signal.values.size)
    values = np.clip(np.asarray(signal.values)[:count] - lowered[:count], 0, None)
    return Signal(np.asarray(signal.left)[:, :count], values, np.asarray(signal.right)[:, :count])


def smoothed_minimum(signal: Signal, noise: AbstractNoise, shapes: Shapes, step: int = 0) -> FactorPair:
    """A global minimum (X, Y) of the smoothed objective, in the unit √[M].

    Isotropic noise: (√γ A(Σ − √(ab) I)₊^½, γ^−½ B(Σ − √(ab) I)₊^½); the other minima are (XR, YR) with R orthogonal.
    Any other law: see `smoothed_stationary_point`, with the leading directions. X is d1 x r and Y is d2 x r.

    - `signal`: the singular triplets of M.
    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` if the noise leaves a direction undisturbed, because the penalty then has no minimum, and for
    infinite second moments. Source: Liu et al. (2021), Lemma 3 and Theorem 2.
    """
    kept = np.count_nonzero(smoothed_signal(signal, noise, shapes, step).values)
    return smoothed_stationary_point(signal, noise, shapes, range(kept), step)


def smoothed_stationary_point(
    signal: Signal, noise: AbstractNoise, shapes: Shapes, directions: Sequence[int], step: int = 0
) -> FactorPair:
    """The stationary point of the smoothed objective that fits only the given singular `directions` of M.

    Let A^½ B^½ = Q diag(t) Pᵀ, and sⱼ = σᵢ − tⱼ for the j-th of the directions i. Then X = Σⱼ √(sⱼ/tⱼ) aᵢ (A^½ qⱼ)ᵀ and
    Y = Σⱼ √(sⱼ/tⱼ) bᵢ (B^½ pⱼ)ᵀ. They solve (XYᵀ − M)Y + XB = 0 and (XYᵀ − M)ᵀX + YA = 0, hence XᵀX B = A YᵀY. For
    isotropic noise the columns are √γ aᵢ(σᵢ − √(ab))^½ and γ^−½ bᵢ(σᵢ − √(ab))^½.

    - `signal`: the singular triplets of M.
    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `directions`: the indices i of the singular directions to fit, from 0.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` as `smoothed_minimum` does, and for a direction that M does not have, that is named twice, or
    whose σᵢ does not exceed tⱼ. Source: Liu et al. (2021), Theorem 2.
    """
    on_x, lowered, on_y = paired_directions(noise, shapes, step)
    if not lowered[0] > 0:
        raise InputError(
            "The noise leaves a direction of a factor undisturbed, so the smoothed objective has no minimum up to "
            "rotation; give both factors noise in every direction."
        )
    chosen = _checked_directions(signal, lowered, directions)
    count = chosen.size
    size = np.sqrt((np.asarray(signal.values)[chosen] - lowered[:count]) / lowered[:count])
    x = (np.asarray(signal.left)[:, chosen] * size) @ on_x[:, :count].T
    y = (np.asarray(signal.right)[:, chosen] * size) @ on_y[:, :count].T
    return x, y


def escape_eigenvalue(
    signal: Signal,
    noise: AbstractNoise,
    shapes: Shapes,
    directions: Sequence[int],
    *,
    scale: RealNumber = 0.5,
    step: int = 0,
) -> float:
    """λmin of the Hessian at the stationary point that fits `directions`, for isotropic noise; in the unit [M].

    λmin = 2 scale (p(γ + 1/γ)/2 − √(p²(γ − 1/γ)²/4 + q²)) where this is negative, which is exactly if q > p; the point
    is then a strict saddle. Here q is the largest singular value left out. p is √(ab) if a column of X and Y is free,
    else the smallest singular value fitted. The Hessian splits into 2 x 2 blocks [[p/γ, −q], [−q, pγ]].

    - `signal`: the singular triplets of M.
    - `noise`: the noise law.
    - `shapes`: ((d1, r), (d2, r)), the shapes of X and Y.
    - `directions`: the indices of the singular directions that the point fits, from 0.
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.
    - `step`: the step at which to read a schedule of the noise; 0 by default.

    Raises `InputError` if no direction is left out, and for noise that is not isotropic. Source: Liu et al. (2021),
    Lemma 3 and Theorem 2.
    """
    check_isotropic(noise, shapes, step)
    level, gamma = threshold(noise, shapes, step), noise_balance(noise, shapes, step)
    chosen = _checked_directions(signal, thresholds(noise, shapes, step), directions)
    left_out = np.delete(np.asarray(signal.values), chosen)
    if left_out.size == 0:
        raise InputError("Every direction of M is fitted, so there is no direction to escape by; leave one out.")
    q = float(left_out.max())
    p = level if chosen.size < shapes[0][1] else float(np.asarray(signal.values)[chosen].min())
    # the docstring's difference, written as a quotient so that nothing cancels
    root = np.hypot(p * (gamma - 1 / gamma) / 2, q)
    return float(2 * scale * (p - q) * (p + q) / (p * (gamma + 1 / gamma) / 2 + root))


def _checked_directions(signal: Signal, lowered: Float[np.ndarray, " rank"], directions: Sequence[int]) -> np.ndarray:
    chosen = np.asarray(list(directions), dtype=int)
    known = signal.values.size
    if len(set(chosen.tolist())) < chosen.size or np.any(chosen < 0) or np.any(chosen >= known):
        raise InputError(f"The directions are {chosen.tolist()}; name each at most once, from 0 to {known - 1}.")
    if chosen.size > lowered.size:
        raise InputError(
            f"directions names {chosen.size} directions, but the factors have only {lowered.size} columns; name fewer."
        )
    low = [i for i, t in zip(chosen, lowered, strict=False) if not signal.values[i] > t]
    if low:
        raise InputError(
            f"The singular value {signal.values[low[0]]:g} of direction {low[0]} is not above the threshold of the "
            "noise, so no stationary point fits it; leave it out or lower the noise."
        )
    return chosen
