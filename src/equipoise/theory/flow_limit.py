"""Where gradient descent with small steps ends, from what it conserves."""

from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.integrate import solve_ivp

from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.types import RealNumber, Theta
from equipoise.theory.minimizers import FactorPair
from equipoise.theory.rank_one import Strengths, rank_one_strengths

_ALIGNED = 1e-9
_LONG = 20.0
"""The time, in growth times, within which a start leaves the saddle; then its part there has fallen by e⁻²⁰."""


def conserved_difference(
    theta: Theta, *, proportions: tuple[RealNumber, RealNumber] = (1.0, 1.0)
) -> Float[np.ndarray, "rank rank"]:
    """C = XᵀX/ρx − YᵀY/ρy, which gradient flow with the step sizes (ηρx, ηρy) keeps on any loss of XYᵀ; in [M].

    From a small start C ≈ 0, so it ends at XᵀX/ρx = YᵀY/ρy, which is the balance √(ρx/ρy). Gradient descent changes C
    by O(η²) per step.

    - `theta`: (X, Y), d1 x r and d2 x r.
    - `proportions`: (ρx, ρy); (1, 1) by default.

    Raises `InputError` unless the factors have equally many columns, and for proportions that are not greater than 0.
    Source: Du et al. (2018), Theorem 2.2, for equal step sizes.
    """
    x, y, (on_x, on_y) = _checked(theta, proportions)
    return x.T @ x / on_x - y.T @ y / on_y


def gradient_flow_limit(
    signal: Signal, start: Theta, *, proportions: tuple[RealNumber, RealNumber] = (1.0, 1.0)
) -> FactorPair:
    """The (X, Y) at which gradient flow on ‖XYᵀ − M‖² from `start` ends, for one column or an aligned start.

    In the end each direction has xᵢyᵢ = σᵢ and, as at the start, xᵢ²/ρx − yᵢ²/ρy = Cᵢ. So nᵢ = xᵢ² solves
    n(n/ρx − Cᵢ) = σᵢ²/ρy, that is, nᵢ = ρx (Cᵢ + √(Cᵢ² + 4σᵢ²/(ρxρy)))/2. With one column any start will do, and C =
    ‖x‖²/ρx − ‖y‖²/ρy. With more columns the start must be aligned: X = A diag(p) Qᵀ and Y = B diag(q) Qᵀ with one
    orthogonal Q, where A and B hold the singular vectors of M. Then each direction is by itself. The sign of
    direction i is that of pᵢ/√ρx + qᵢ/√ρy, the part that grows. With one column the sign is that of A·x and B·y; if
    these differ, it is found by integrating their flow with the two norms off the signal, four numbers in all.

    - `signal`: all singular triplets (A, Σ, B) of M to be fitted, one for each column.
    - `start`: (X₀, Y₀), d1 x r and d2 x r.
    - `proportions`: (ρx, ρy), where the step sizes are (ηρx, ηρy); (1, 1) by default.

    For other starts C does not decide the end: all (U√Σ T, V√Σ T⁻ᵀ) with TᵀΣT/ρx − T⁻¹ΣT⁻ᵀ/ρy = C, a family of r(r −
    1)/2 dimensions, have the same C, and not the same balance. Raises `InputError` for such starts, for one that never
    leaves the saddle, and for factors of other shapes. Source: derived from Du et al. (2018), Theorem 2.2.
    """
    x, y, (on_x, on_y) = _checked(start, proportions)
    left, values, right = (np.asarray(part, float) for part in signal)
    rank = values.size
    if x.shape != (left.shape[0], rank) or y.shape != (right.shape[0], rank):
        raise InputError(
            f"The start has shapes {x.shape} and {y.shape}; for this signal give "
            f"{(left.shape[0], rank)} and {(right.shape[0], rank)}."
        )
    if rank == 1:
        # the parts off the signal vanish, and what they have of the norms goes into the signal
        growing = np.array([_growing_sign(rank_one_strengths(signal, (x, y)), float(values[0]), on_x, on_y)])
        kept, turn = conserved_difference(start, proportions=proportions)[0], np.eye(1)
    else:
        sizes, turn = _aligned(left.T @ x, right.T @ y, (x, y))
        growing = sizes[0] / on_x**0.5 + sizes[1] / on_y**0.5
        kept = sizes[0] ** 2 / on_x - sizes[1] ** 2 / on_y
    if np.any(np.abs(growing) <= _ALIGNED * (np.linalg.norm(x) / on_x**0.5 + np.linalg.norm(y) / on_y**0.5)):
        raise InputError(
            "The start has no growing part along a direction of M, so the flow stays at a saddle; move it."
        )
    signs, root = np.sign(growing), np.sqrt(kept**2 + 4 * values**2 / (on_x * on_y))
    # of the two roots each the one without cancellation
    squares = on_x * np.where(kept >= 0, (kept + root) / 2, 2 * values**2 / (on_x * on_y) / (root - kept))
    sizes_x = signs * np.sqrt(squares)
    return (left * sizes_x) @ turn, (right * (values / sizes_x)) @ turn


def _growing_sign(start: Strengths, value: float, on_x: float, on_y: float) -> float:
    """The sign that α and β get, as a number of the size of their sum; 0 if they end at the saddle."""
    alpha, beta, off_x, off_y = (float(number) for number in start)
    if alpha * beta >= 0:
        return alpha / on_x**0.5 + beta / on_y**0.5

    def slope(_: float, at: Any) -> list[float]:
        square_x, square_y = at[0] ** 2 + at[2] ** 2, at[1] ** 2 + at[3] ** 2
        return [
            on_x * (value * at[1] - at[0] * square_y),
            on_y * (value * at[0] - at[1] * square_x),
            -on_x * at[2] * square_y,
            -on_y * at[3] * square_x,
        ]

    end = _LONG / ((on_x * on_y) ** 0.5 * value)
    at = [alpha, beta, off_x, off_y]
    precision = {"rtol": 1e-10, "atol": 1e-12 * max(map(abs, at))}
    found = solve_ivp(slope, (0, end), at, events=_Crossing(), **precision)
    alpha, beta = (float(number) for number in found.y[:2, -1])
    return alpha / on_x**0.5 + beta / on_y**0.5 if found.t_events[0].size else 0.0


class _Crossing:
    """The event at which one of the two numbers becomes 0, which ends the flow."""

    terminal = True

    def __call__(self, _: float, at: Any) -> float:
        """The product of both."""
        return float(at[0] * at[1])


def _aligned(
    on_left: np.ndarray, on_right: np.ndarray, start: FactorPair
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """((p, q), Qᵀ) with AᵀX = diag(p) Qᵀ and BᵀY = diag(q) Qᵀ; `InputError` if there are none."""
    total = np.linalg.norm(start[0]) + np.linalg.norm(start[1])
    rows = on_left + np.sign(np.sum(on_left * on_right, axis=1, keepdims=True) + 1e-300) * on_right
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    turn = rows / np.where(lengths > 0, lengths, 1.0)
    p, q = np.sum(on_left * turn, axis=1), np.sum(on_right * turn, axis=1)
    fits = [np.linalg.norm(turn @ turn.T - np.eye(p.size)) <= _ALIGNED]
    for whole, inside, sizes in zip(start, (on_left, on_right), (p, q), strict=True):
        off = np.linalg.norm(whole) ** 2 - np.linalg.norm(sizes) ** 2  # also what lies off the singular vectors
        fits += [np.linalg.norm(inside - sizes[:, None] * turn) <= _ALIGNED * total, abs(off) <= _ALIGNED * total**2]
    if not all(fits):
        raise InputError(
            "The start is not aligned with the singular vectors of M, and then what the flow conserves does not decide "
            "its end; simulate it with dynamics.GradientFlow."
        )
    return (p, q), turn


def _checked(
    theta: Theta, proportions: tuple[RealNumber, RealNumber]
) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    x, y = (np.asarray(w, float) for w in theta)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise InputError(
            f"The factors have shapes {x.shape} and {y.shape}; give two matrices with equally many columns."
        )
    first, second = (positive_number("A proportion", proportion) for proportion in proportions)
    return x, y, (first, second)
