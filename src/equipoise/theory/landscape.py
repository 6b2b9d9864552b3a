"""The landscape of F = scale · ‖XYᵀ − M‖² without noise: its minima, its saddles and their Hessians."""

import math

import numpy as np
from jaxtyping import Float

from equipoise.core.checks import non_negative_number, positive_number, real_number
from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.types import AnyArray, Factor, RealNumber, Theta


def _checked_alpha(alpha: RealNumber) -> float:
    number = real_number("alpha", alpha)
    if number == 0:
        raise InputError(f"alpha is {alpha}; it must be finite and different from 0.")
    return number


def global_minimum(
    signal: Signal, alpha: RealNumber = 1.0
) -> tuple[Float[np.ndarray, "d1 k"], Float[np.ndarray, "d2 k"]]:
    """(αU*, V*/α) with U* = AΣ^½, V* = BΣ^½: a minimum of balance α², for any α ≠ 0; in the unit √[M].

    - `signal`: the singular triplets (A, Σ, B) of M.
    - `alpha`: α; 1 by default, which gives the balanced minimum.

    Raises `InputError` if α is 0 or not finite. Source: Liu et al. (2021), Lemma 1 (i).
    """
    number = _checked_alpha(alpha)
    u, v = signal.factors()
    return np.asarray(u) * number, np.asarray(v) / number


def off_signal(side: Float[AnyArray, "d k"], factor: Factor) -> Float[np.ndarray, "rows rank"]:
    """`factor` without its part in the span of `side`.

    For such X and Y, the points (X, 0) and (0, Y) are saddles.

    - `side`: signal.left for X, signal.right for Y; d x k, with orthonormal columns.
    - `factor`: X or Y, with d rows.

    Source: Liu et al. (2021), Lemma 1 (ii).
    """
    basis, left = np.asarray(side), np.asarray(factor)
    for _ in range(2):  # the second pass removes the rounding error of the first
        left = left - basis @ (basis.T @ left)
    return left


def saddle_eigenvalue(signal: Signal, factor: Factor, scale: RealNumber = 0.5) -> float:
    """λmin of the Hessian at (X, 0) with AᵀX = 0, or at (0, Y) with BᵀY = 0; in the unit [M].

    It is 2 scale (p/2 − √(p²/4 + σ1²)), which is always negative. p is the smallest eigenvalue of XᵀX, which is ‖x‖² at
    rank 1. The Hessian splits into blocks [[0, −σᵢ], [−σᵢ, p]].

    - `signal`: the singular triplets of M.
    - `factor`: the factor that is not zero, X or Y, in the unit √[M].
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.

    Source: Liu et al. (2021), Lemma 1 (ii), made quantitative.
    """
    p = float(np.linalg.svd(np.asarray(factor), compute_uv=False)[-1] ** 2)
    largest = float(signal.values[0])
    # the docstring's difference, written as a quotient so that nothing cancels
    return float(-2 * scale * largest**2 / (p / 2 + math.hypot(p / 2, largest)))


def saddle_bound(residual: RealNumber, gap: RealNumber, scale: RealNumber = 0.5) -> float:
    """An upper bound of λmin at stationary points that do not fit M, for factors of width r ≥ rank M; in the unit [M].

    It is 2 scale (g/2 − √(g²/4 + ρ²)), which is always negative. Why: by (UVᵀ − M)V = 0 and (UVᵀ − M)ᵀU = 0 there is a
    z with Uz = 0 or Vz = 0. Let a and b be the leading singular vectors of UVᵀ − M. If Uz = 0, the Hessian on the span
    of a zᵀ in U and b zᵀ in V is [[‖Vz‖², ρ], [ρ, 0]] with ‖Vz‖² ≤ g. The case Vz = 0 is alike.

    - `residual`: ρ = ‖UVᵀ − M‖₂, in the unit [M].
    - `gap`: g = ‖UᵀU − VᵀV‖, in the unit [M].
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.

    Raises `InputError` unless ρ is greater than 0 and g is 0 or greater. Source: Du et al. (2018), Lemma 3.2, made
    quantitative and without its ε.
    """
    largest, half = positive_number("residual", residual), non_negative_number("gap", gap) / 2
    # the docstring's difference, written as a quotient so that nothing cancels
    return float(-2 * scale * largest**2 / (half + math.hypot(half, largest)))


def condition_number(alpha: RealNumber) -> float:
    """κ = max(α⁴, α⁻⁴) + 1, the ratio of the extreme non-zero eigenvalues of the Hessian at (αu*, v*/α), rank 1.

    Raises `InputError` if α is 0 or not finite. Source: Liu et al. (2021), Lemma 2.
    """
    number = _checked_alpha(alpha)
    return max(number**4, number**-4) + 1


def sharpness(alpha: RealNumber, value: RealNumber = 1.0, scale: RealNumber = 0.5) -> float:
    """λmax = 2 scale (α² + α⁻²) σ1 of the Hessian at (αU*, V*/α); in the unit [M].

    It is smallest at α = ±1: the balanced minimum is the flattest.

    - `alpha`: α, different from 0.
    - `value`: σ1, in the unit [M]; 1 by default.
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.

    Raises `InputError` if α is 0 or not finite. Source: Liu et al. (2021), proof of Lemma 2.
    """
    number = _checked_alpha(alpha)
    return float(2 * scale * (number**2 + number**-2) * value)


def hessian_spectrum(theta: Theta, scale: RealNumber = 0.5) -> Float[np.ndarray, " n"]:
    """All n = r(d1 + d2) eigenvalues of the Hessian at any θ = (X, Y) with XYᵀ = M, ascending; in the unit [M].

    Let p and q be the eigenvalues of XᵀX and YᵀY (r each). The spectrum is 2 scale times: the r² sums pᵢ + qⱼ, each pᵢ
    d2 − r times, each qⱼ d1 − r times, and r² zeros. The zeros belong to the directions (XK, −YKᵀ), which leave XYᵀ
    unchanged. At any other θ this is the spectrum of the Gauss-Newton part.

    - `theta`: (X, Y), of shapes d1 x r and d2 x r, in the unit √[M].
    - `scale`: the factor before ‖XYᵀ − M‖² in the loss; ½ by default.

    Source: Liu et al. (2021), Lemma 2, for any rank.
    """
    x, y = (np.asarray(factor) for factor in theta)
    (d1, rank), d2 = x.shape, y.shape[0]
    p, q = (np.linalg.svd(factor, compute_uv=False) ** 2 for factor in (x, y))
    sums = (p[:, None] + q[None, :]).ravel()
    eigenvalues = np.concatenate([sums, np.repeat(p, d2 - rank), np.repeat(q, d1 - rank), np.zeros(rank**2)])
    return 2 * scale * np.sort(eigenvalues)
