"""The predicted law: means and spreads of balance, loss and singular values."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.theory.stationary.blocks import main_block, other_row
from equipoise.theory.stationary.linear import pseudo_solve, stationary_covariance
from equipoise.theory.stationary.setting import Setting, setting_of


class StationaryLaw(NamedTuple):
    """Where Perturbed GD ends and how much it fluctuates there, to second order in the fluctuations.

    - `balance`, `balance_std`: the mean and the standard deviation of ‖X‖/‖Y‖.
    - `loss`: the mean of the loss, without the noise of the next step, in [M]².
    - `singular_values`, `singular_values_std`: those of XYᵀ that the noise leaves above 0, in [M].
    - `norm_x`, `norm_y`: the roots of the means of ‖X‖² and ‖Y‖², in √[M].
    """

    balance: float
    balance_std: float
    loss: float
    singular_values: Float[np.ndarray, " m"]
    singular_values_std: Float[np.ndarray, " m"]
    norm_x: float
    norm_y: float


class _Fluctuations(NamedTuple):
    """Moments of the fluctuations δ.

    - `mean`: E δ of the main block, (factor, row, column).
    - `covariance`: that of the main block, (factor, row, column, factor, row, column).
    - `grams`: E δXᵀδX and E δYᵀδY over the rows outside the main block, (factor, r, r), diagonal.
    - `beside`: for the rows on σ > 0 outside the main block: (σ, covariances (column, 2, 2)).
    """

    mean: np.ndarray
    covariance: np.ndarray
    grams: np.ndarray
    beside: list[tuple[float, np.ndarray]]


def stationary_law(problem: AbstractProblem, dynamics: AbstractDynamics) -> StationaryLaw:
    """The law in which Perturbed GD with constant step size and Gaussian noise stays.

    The method is linearized at the minimum of the smoothed objective: δ ← (I − NH)δ − Nε. Here H is the Hessian, N the
    step sizes, and ε the noise of the gradient, whose covariance Σ is known in closed form. The covariance of δ solves
    the discrete Lyapunov equation C = (I − NH)C(I − NH)ᵀ + NΣN. The curvature of the drift moves the mean by
    −½ H⁻¹ F‴:C.

    - `problem`: a factorization XYᵀ of a whole matrix.
    - `dynamics`: `PerturbedGD` with Gaussian noise, without schedules.

    The error is of the next order in step size times noise. Raises `InputError` for other problems and methods, for a
    step size too large to be stable there or for the linearization, and if the noise leaves no singular value above
    √(ab). Source: linearization of Liu et al. (2021), Algorithm 1; the equation is that of Mandt, Hoffman and Blei
    (2017) for SGD.
    """
    return law_of(setting_of(problem, dynamics))


def law_of(of: Setting) -> StationaryLaw:
    """The law in a setting; see `stationary_law`."""
    if of.kept == 0:
        raise InputError(
            "The noise is so strong that the smoothed minimum is 0, where there is no balance; take less noise."
        )
    found = _fluctuations(of)
    x, y = of.sizes()
    m = of.kept
    squares = [_squared_norm(w, found, i, m) for i, w in enumerate((x, y))]
    ratio = 1 + _of_ratio(of, found)
    if not min(*squares, ratio) > 0:
        raise InputError(
            "At this step size the fluctuations are as large as the factors, so the linearized law says nothing; take "
            "a smaller step size, or less noise."
        )
    # the first order of log ‖X‖ − log ‖Y‖
    slope = np.zeros(found.mean.shape)
    for i, (w, sign) in enumerate(((x, 1.0), (y, -1.0))):
        slope[i, range(m), range(m)] = sign * w[:m] / np.sum(w**2)
    variance = float(np.einsum("fia,fiagjb,gjb->", slope, found.covariance, slope))
    balance = math.sqrt(squares[0] / squares[1]) * ratio
    values, spreads = _singular_values(of, found)
    return StationaryLaw(
        balance=balance,
        balance_std=math.sqrt(variance) * math.sqrt(np.sum(x**2) / np.sum(y**2)),
        loss=_loss(of, found),
        singular_values=values,
        singular_values_std=spreads,
        norm_x=math.sqrt(squares[0]),
        norm_y=math.sqrt(squares[1]),
    )


def _fluctuations(of: Setting) -> _Fluctuations:
    """All moments that are needed."""
    m, r = of.kept, of.rank
    main = main_block(of)
    covariance = stationary_covariance(*main).reshape(2, m, r, 2, m, r)
    grams, beside = np.zeros((2, r, r)), []
    rows = [(float(value), (1, 1)) for value in of.values[m:]]
    rest = of.shape[0] - of.values.size, of.shape[1] - of.values.size
    for value, counts in [*rows, (0.0, rest)]:
        each = np.stack([stationary_covariance(*other_row(of, value, column)) for column in range(r)])
        for i in range(2):
            grams[i] += counts[i] * np.diag(each[:, i, i])
        if value:
            beside.append((value, each))
    mean = _mean(of, main.hessian, covariance, grams)
    return _Fluctuations(mean, covariance, grams, beside)


def _mean(of: Setting, hessian: np.ndarray, covariance: np.ndarray, grams: np.ndarray) -> np.ndarray:
    """E δ in the main block: H E δ = −E of the second order of the gradient, δX δYᵀY + δX YᵀδY + X δYᵀδY and so on."""
    m, r = of.kept, of.rank
    pushes = []
    for i, w in enumerate(of.sizes()):
        other, v = 1 - i, np.eye(m, r) * of.sizes()[1 - i][:r]
        w = np.eye(m, r) * w[:r]
        cross, own = covariance[i, :, :, other], covariance[other, :, :, other]
        total = np.einsum("kakb->ab", own) + grams[other]
        push = np.einsum("ickc,ka->ia", cross, v) + np.einsum("icka,kc->ia", cross, v) + w @ total
        pushes.append(of.factor * push)
    return -pseudo_solve(hessian, np.stack(pushes).ravel()).reshape(2, m, r)


def _squared_norm(w: np.ndarray, found: _Fluctuations, i: int, m: int) -> float:
    """E ‖W‖² = ‖W*‖² + 2⟨W*, Eδ⟩ + E‖δ‖²."""
    shifted = 2 * np.sum(w[:m] * found.mean[i, range(m), range(m)])
    fluctuating = np.einsum("iaia->", found.covariance[i, :, :, i]) + np.trace(found.grams[i])
    return float(np.sum(w**2) + shifted + fluctuating)


def _of_ratio(of: Setting, found: _Fluctuations) -> float:
    """The mean of a ratio less the ratio of the means, relative: E √(A/B) ≈ √(EA/EB) (1 − v_A/8 + 3v_B/8 − v_AB/4).

    v are the relative variances of A = ‖X‖² and B = ‖Y‖², to the first order in δ.
    """
    m = of.kept
    slopes = np.zeros((2, *found.mean.shape))
    for i, w in enumerate(of.sizes()):
        slopes[i, i, range(m), range(m)] = 2 * w[:m] / np.sum(w**2)
    v = np.einsum("pfia,fiagjb,qgjb->pq", slopes, found.covariance, slopes)
    return float(-v[0, 0] / 8 + 3 * v[1, 1] / 8 - v[0, 1] / 4)


def _loss(of: Setting, found: _Fluctuations) -> float:
    """c/2 E ‖XYᵀ − M‖² to second order: its value at θ*, its slope times E δ, and half its Hessian times C."""
    m, r, c = of.kept, of.rank, of.factor
    x, y = of.sizes()
    residual = x[:m] * y[:m] - of.values[:m]
    at = np.sum(residual**2) + np.sum(of.values[m:] ** 2)
    diagonal = range(m)
    by_mean = 2 * np.sum(
        residual * (y[:m] * found.mean[0, diagonal, diagonal] + x[:m] * found.mean[1, diagonal, diagonal])
    )
    penalized = main_block(of).hessian / c
    bare = penalized - np.diag(np.repeat(of.penalties, m * r))
    by_main = np.sum(bare * found.covariance.reshape(bare.shape))
    by_rows = np.sum(np.diag(found.grams[0]) * y**2) + np.sum(np.diag(found.grams[1]) * x**2)
    by_pairs = sum(-2 * value * np.sum(each[:, 0, 1]) for value, each in found.beside)
    return float(c / 2 * (at + by_mean + by_main + by_rows + by_pairs))


def _singular_values(of: Setting, found: _Fluctuations) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations, by perturbation theory of second order around diag(x y).

    σ_i(D + Δ) ≈ p_i + Δ_ii + Σ_j (p_i (Δ_ij² + Δ_ji²) + 2 p_j Δ_ij Δ_ji) / (2(p_i² − p_j²)), with p_j = 0 beyond m.
    """
    m = of.kept
    x, y = of.sizes()
    p = x[:m] * y[:m]
    # Δ = X δYᵀ + δX Yᵀ + δX δYᵀ
    entry = np.zeros((m, m, *found.mean.shape))
    for i in range(m):
        for j in range(m):
            entry[i, j, 0, i, j] += y[j]
            entry[i, j, 1, j, i] += x[i]
    of_entries = np.einsum("ijfka,fkaglb,uvglb->ijuv", entry, found.covariance, entry, optimize=True)
    means, spreads = np.zeros(m), np.zeros(m)
    outside = [np.diag(found.grams[1]), np.diag(found.grams[0])]
    for i in range(m):
        bilinear = np.einsum("aa->", found.covariance[0, i, :, 1, i, :])
        means[i] = p[i] + y[i] * found.mean[0, i, i] + x[i] * found.mean[1, i, i] + bilinear
        for j in range(m):
            if j != i:
                squares = of_entries[i, j, i, j] + of_entries[j, i, j, i]
                crossed = p[i] * squares + 2 * p[j] * of_entries[i, j, j, i]
                means[i] += crossed / (2 * (p[i] ** 2 - p[j] ** 2)) if p[i] != p[j] else 0.0
        means[i] += (x[i] ** 2 * outside[0][i] + y[i] ** 2 * outside[1][i]) / (2 * p[i])
        spreads[i] = math.sqrt(of_entries[i, i, i, i])
    return means, spreads
