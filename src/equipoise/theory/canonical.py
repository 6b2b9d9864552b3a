"""The canonical form of a pair of factors: of all pairs with one product and one balance, the same one every time."""

from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.procrustes import nearest_rotation
from equipoise.core.types import RealNumber

Pair: TypeAlias = tuple[Float[np.ndarray, "d1 rank"], Float[np.ndarray, "d2 rank"]]
"""(X, Y)."""

_TIED = 1e-9


def canonical_factors(
    x: Any,
    y: Any,
    *,
    gamma: RealNumber | None = None,
    by_rotation: bool = False,
) -> Pair:
    """The pair with the product XYᵀ whose columns are its singular vectors, in order, with a rule for the signs.

    With XYᵀ = P S Qᵀ it is X = P √(γS), Y = Q √(S/γ): XᵀX = γ²YᵀY is diagonal, the largest singular value comes first,
    columns of zeros come last, and the entry of largest magnitude of each column of X is positive (the first of several
    within 1e-9). It is unique where the singular values differ. So it does not depend on the basis of the columns, and
    permuting the rows of X or Y, or multiplying by a number, does the same to the result.

    - `x` (d1 x R) and `y` (d2 x R): the factors, in the unit √[M].
    - `gamma`: the balance ‖X‖_F/‖Y‖_F of the result; None keeps that of the pair.
    - `by_rotation`: whether only to turn the pair, to (XZ, YZ) with the orthogonal Z that brings it nearest to that
      form. This keeps balance, sharpness and condition number, and XᵀX − γ²YᵀY up to the rotation. For a γ-balanced
      pair it is the same.

    Raises `InputError` for what is not a pair of finite matrices with equally many columns, and for a `gamma` that is
    not positive.
    """
    x, y = _checked(x, y)
    balance = _balance(x, y) if gamma is None else float(gamma)
    if not (np.isfinite(balance) and balance > 0):
        raise InputError(f"gamma is {balance:g}; give the balance ‖X‖/‖Y‖, a positive number.")
    made = _by_singular_vectors(x, y, balance)
    if by_rotation:
        scales = balance**-0.5, balance**0.5  # both factors count alike
        turn = nearest_rotation([w * s for w, s in zip(made, scales, strict=True)], (x * scales[0], y * scales[1]))
        made = x @ turn.T, y @ turn.T
    return with_fixed_signs(*made)


def imbalance(x: Any, y: Any) -> float:
    """‖XᵀX − γ²YᵀY‖_F/‖XᵀX + γ²YᵀY‖_F with γ = ‖X‖_F/‖Y‖_F: 0 for a balanced pair, less than 1 for every other.

    - `x` (d1 x R) and `y` (d2 x R): the factors.

    Raises `InputError` for what is not a pair of finite matrices with equally many columns.
    """
    x, y = _checked(x, y)
    if not (x.any() and y.any()):
        return 0.0
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    of_x, of_y = x.T @ x, y.T @ y
    return float(np.linalg.norm(of_x - of_y) / np.linalg.norm(of_x + of_y))


def with_fixed_signs(x: Float[np.ndarray, "d1 rank"], y: Float[np.ndarray, "d2 rank"]) -> Pair:
    """The pair with columns times ±1, so that the entry of largest magnitude of each column of X is positive.

    - `x` (d1 x R) and `y` (d2 x R): the factors. Of several entries within 1e-9 of the largest, the first counts.
    """
    sizes = np.abs(x)
    first = np.argmax(sizes >= (1 - _TIED) * sizes.max(axis=0), axis=0)
    signs = np.where(x[first, np.arange(x.shape[1])] < 0, -1.0, 1.0)
    return x * signs, y * signs


def _checked(x: Any, y: Any) -> Pair:
    pair = np.asarray(x, float), np.asarray(y, float)
    if any(w.ndim != 2 or not w.size for w in pair) or pair[0].shape[1] != pair[1].shape[1]:
        raise InputError(
            f"The factors have shapes {pair[0].shape} and {pair[1].shape}; give two matrices with equally many columns."
        )
    if not all(np.isfinite(w).all() for w in pair):
        raise InputError("The factors have NaN or infinite entries; give finite ones.")
    return pair


def _balance(x: np.ndarray, y: np.ndarray) -> float:
    """‖X‖_F/‖Y‖_F; 1 if a factor is 0, since the product then is."""
    return float(np.linalg.norm(x) / np.linalg.norm(y)) if x.any() and y.any() else 1.0


def _by_singular_vectors(x: np.ndarray, y: np.ndarray, balance: float) -> Pair:
    """(P √(βS), Q √(S/β)) from the QR decompositions of both factors, since their product may be large."""
    (qx, rx), (qy, ry) = np.linalg.qr(x), np.linalg.qr(y)
    p, s, qt = np.linalg.svd(rx @ ry.T, full_matrices=False)
    s = np.where(s > max(*x.shape, *y.shape) * np.finfo(float).eps * s[0], s, 0.0)
    made = np.zeros_like(x), np.zeros_like(y)
    made[0][:, : s.size] = qx @ (p * np.sqrt(s * balance))
    made[1][:, : s.size] = qy @ (qt.T * np.sqrt(s / balance))
    return made
