"""Where the smoothed objective is stationary: its minima and its saddles."""

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
    `thresholds` tᵢ ascending: for isotropic noise the nuclear norm √(ab)‖W‖_*. Raises `InputError` for infinite
    moments. Source: Liu et al. (2021), Theorem 2, for isotropic noise; Section 6 made definite for the rest.
    """
    # Why: with A^½B^½ = Q diag(t) Pᵀ, W = Σⱼ Wⱼ for Wⱼ = X B^½ pⱼ (Y A^½ qⱼ)ᵀ / tⱼ of rank 1, and by the inequality of
    # the two means the penalties are at least 2s Σⱼ tⱼ‖Wⱼ‖ = 2s Σₖ (tₖ − tₖ₋₁) Σ_{j≥k} ‖Wⱼ‖, t₀ = 0. By
    # Eckart-Young-Mirsky, Σ_{j≥k} ‖Wⱼ‖ ≥ ‖W − Σ_{j<k} Wⱼ‖_* ≥ Σ_{i≥k} σᵢ(W), with equality at Wⱼ = σⱼ aⱼ bⱼᵀ.
    lowered = thresholds(noise, shapes, step)
    count = min(lowered.size, signal.values.size)
    values = np.clip(np.asarray(signal.values)[:count] - lowered[:count], 0, None)
    return Signal(np.asarray(signal.left)[:, :count], values, np.asarray(signal.right)[:, :count])


def smoothed_minimum(signal: Signal, noise: AbstractNoise, shapes: Shapes, step: int = 0) -> FactorPair:
    """A global minimum (X, Y) of the smoothed objective; for isotropic noise the others are (XR, YR), R orthogonal.

    Isotropic: (√γ A(Σ − √(ab) I)₊^½, γ^−½ B(Σ − √(ab) I)₊^½). Any law: see `smoothed_stationary_point`, with the
    leading directions. X is d1 x r, Y is d2 x r, in the unit √[M]. Raises `InputError` where the noise leaves a
    direction undisturbed, so that the penalty has no minimum, and for infinite moments.
    Source: Liu et al. (2021), Lemma 3 and Theorem 2.
    """
    kept = np.count_nonzero(smoothed_signal(signal, noise, shapes, step).values)
    return smoothed_stationary_point(signal, noise, shapes, range(kept), step)


def smoothed_stationary_point(
    signal: Signal, noise: AbstractNoise, shapes: Shapes, directions: Sequence[int], step: int = 0
) -> FactorPair:
    """The stationary point of the smoothed objective that fits only the given singular `directions` of M.

    With A^½ B^½ = Q diag(t) Pᵀ and sⱼ = σᵢ − tⱼ for the j-th of the directions i: X = Σⱼ √(sⱼ/tⱼ) aᵢ (A^½ qⱼ)ᵀ and
    Y = Σⱼ √(sⱼ/tⱼ) bᵢ (B^½ pⱼ)ᵀ, which solve (XYᵀ − M)Y + XB = 0, (XYᵀ − M)ᵀX + YA = 0, whence XᵀX B = A YᵀY.
    Isotropic noise: √γ aᵢ(σᵢ − √(ab))^½ and γ^−½ bᵢ(σᵢ − √(ab))^½. Raises `InputError` for a direction that M does
    not have, that is named twice, or whose σᵢ does not exceed tⱼ; and as `smoothed_minimum` does.
    Source: Liu et al. (2021), Theorem 2.
    """
    on_x, lowered, on_y = paired_directions(noise, shapes, step)
    if not lowered[0] > 0:
        raise InputError(
            "The noise leaves a direction of a factor undisturbed, so that the smoothed objective has no minimum up to "
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
    """λmin of the Hessian at that stationary point for isotropic noise, where it is negative; in the unit [M].

    2 scale (p(γ + 1/γ)/2 − √(p²(γ − 1/γ)²/4 + q²)), with q the largest singular value left out, and p = √(ab) if a
    column of X and Y is free, else the smallest singular value fitted: the Hessian splits into 2 x 2 blocks
    [[p/γ, −q], [−q, pγ]]. Negative, so that the point is a strict saddle, exactly if q > p. Raises `InputError` if no
    direction is left out, and for noise that is not isotropic. Source: Liu et al. (2021), Lemma 3 and Theorem 2.
    """
    check_isotropic(noise, shapes, step)
    level, gamma = threshold(noise, shapes, step), noise_balance(noise, shapes, step)
    chosen = _checked_directions(signal, thresholds(noise, shapes, step), directions)
    left_out = np.delete(np.asarray(signal.values), chosen)
    if left_out.size == 0:
        raise InputError("Every direction of M is fitted, so that there is none to escape by; leave one out.")
    q = float(left_out.max())
    p = level if chosen.size < shapes[0][1] else float(np.asarray(signal.values)[chosen].min())
    # the difference of the docstring as a quotient, in which nothing cancels
    root = np.hypot(p * (gamma - 1 / gamma) / 2, q)
    return float(2 * scale * (p - q) * (p + q) / (p * (gamma + 1 / gamma) / 2 + root))


def _checked_directions(signal: Signal, lowered: Float[np.ndarray, " rank"], directions: Sequence[int]) -> np.ndarray:
    chosen = np.asarray(list(directions), dtype=int)
    known = signal.values.size
    if len(set(chosen.tolist())) < chosen.size or np.any(chosen < 0) or np.any(chosen >= known):
        raise InputError(f"The directions are {chosen.tolist()}; name each at most once, from 0 to {known - 1}.")
    if chosen.size > lowered.size:
        raise InputError(f"{chosen.size} directions are fitted by factors of {lowered.size} columns; name fewer.")
    low = [i for i, t in zip(chosen, lowered, strict=False) if not signal.values[i] > t]
    if low:
        raise InputError(
            f"The singular value {signal.values[low[0]]:g} of direction {low[0]} is not above the noise's threshold, "
            "so that no stationary point fits it; leave it out or lower the noise."
        )
    return chosen
