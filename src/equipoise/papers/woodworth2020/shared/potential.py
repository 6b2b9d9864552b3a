"""The minimizers of Q_α by Newton's method on their convex dual, for networks of any depth.

Gradient flow from u = v = α keeps β = Φ′(Xᵀν) for some ν, entry by entry, where s = Xᵀν and

- D = 2: Φ(s) = 2α² cosh s, so β = 2α² sinh s;
- D > 2: Φ(s) = αᴰ/(p − 1) ((1 − s)^{1−p} + (1 + s)^{1−p}) with p = D/(D − 2), so β = αᴰ((1 − s)^−p − (1 + s)^−p) and
  |s| < 1.

With Xβ = y this is the optimality of Q_α, the conjugate of Φ, and of ν for Σ Φ(xᵢᵀν) − yᵀν, which is minimized here.
"""

import numpy as np

from equipoise.papers.woodworth2020.shared.regression import Regression

_STEPS, _ROUNDING, _UNSEEN = 200, 1e-12, 1e-14


def minimizers(instance: Regression, depth: int, alphas: np.ndarray) -> np.ndarray:
    """β for each α, α x coordinates.

    - `depth`: D ≥ 2.
    - `alphas`: descending; each begins from the last.
    """
    dual, rows = np.zeros(len(instance.targets)), []
    for alpha in alphas:
        dual = _solved(instance, depth, alpha, dual)
        rows.append(_potential(instance.inputs.T @ dual, depth, alpha)[1])
    return np.array(rows)


def _solved(instance: Regression, depth: int, alpha: float, dual: np.ndarray) -> np.ndarray:
    inputs, targets = instance
    for _ in range(_STEPS):
        value, first, second = _potential(inputs.T @ dual, depth, alpha)
        missing = targets - inputs @ first
        if np.abs(missing).max() <= _ROUNDING * np.abs(targets).max():
            break
        step, length = np.linalg.solve((inputs * second) @ inputs.T, missing), 1.0
        gain, here = missing @ step, value.sum() - targets @ dual
        if gain <= _UNSEEN * (value.sum() + abs(targets @ dual)):
            return dual + step  # the value is too coarse for a line search, and Newton's steps are whole so near
        while not _total(instance, depth, alpha, dual + length * step) <= here - 1e-4 * length * gain:
            length /= 2
            if length < 1e-9:
                return dual
        dual = dual + length * step
    return dual


def _total(instance: Regression, depth: int, alpha: float, dual: np.ndarray) -> float:
    """Σ Φ − yᵀν, infinite where it is not defined."""
    s = instance.inputs.T @ dual
    if (depth > 2 and np.abs(s).max() >= 1) or np.abs(s).max() > 300:
        return np.inf
    return float(_potential(s, depth, alpha)[0].sum() - instance.targets @ dual)


def _potential(s: np.ndarray, depth: int, alpha: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Φ, Φ′ and Φ″."""
    if depth == 2:
        return 2 * alpha**2 * np.cosh(s), 2 * alpha**2 * np.sinh(s), 2 * alpha**2 * np.cosh(s)
    p, scale = depth / (depth - 2), alpha**depth
    low, high = 1 - s, 1 + s
    value = scale / (p - 1) * (low ** (1 - p) + high ** (1 - p))
    return value, scale * (low**-p - high**-p), scale * p * (low ** (-p - 1) + high ** (-p - 1))
