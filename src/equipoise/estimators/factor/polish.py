"""The last step, from where the gradient steps ended to a minimum in canonical form, with what the steps decided.

The minima are X = U√Σ T, Y = V√Σ T⁻ᵀ, with the leading singular triplets (U, Σ, V) of M and any invertible T. Their
product is always the truncated SVD; which of them a method ends at, and so the balance, is T alone. Gradient steps fit
the product only like e^(−η(σ_R − σ_{R+1})t). So T is read off where they end: with XYᵀ = P S Qᵀ,

    X = P√S T,  Y = Q√S T⁻ᵀ,    and P, S, Q are replaced by U, Σ, V.

A rotation Z between T and √Σ keeps the result near the method's end where singular values are (nearly) equal. The
balance moves as little as S − Σ does.

With noise, T ends near √β times a rotation, where β is the balance. Then the result is the pair with T = √β, whose
columns are the singular vectors of M in their order.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.problem import Signal
from equipoise.estimators.factor.core import Pair
from equipoise.theory import canonical_factors, imbalance

Square = Float[np.ndarray, "k k"]

_FITTED = 0.5
_NEARLY_BALANCED = 0.05


class Polish(NamedTuple):
    """What the last step did to the product that the gradient steps ended at.

    - `distance`: how far it was from the best approximation, in the Frobenius norm and relative to that.
    - `fitted`: how many components the gradient steps had fitted, to half of their singular value.
    - `added`: how many were taken from the truncated SVD, split evenly, because the steps had not fitted them.
    - `zeros`: how many columns are 0, because M has no more components.
    - `imbalance`: ‖XᵀX − β²YᵀY‖_F/‖XᵀX + β²YᵀY‖_F of the minimum beside it, with β = ‖X‖_F/‖Y‖_F.
    - `canonical`: whether the result is the canonical pair of balance β, with XᵀX = β²YᵀY diagonal. It is if the
      imbalance is at most 5%; otherwise that minimum is only turned towards the canonical pair.
    """

    distance: float
    fitted: int
    added: int
    zeros: int
    imbalance: float
    canonical: bool


def polished(theta: Pair, signal: Signal, gamma: float) -> tuple[Pair, Polish]:
    """The minimum that (X, Y) is near, in canonical form, and what changed.

    - `theta`: X (d1 x R) and Y (d2 x R).
    - `signal`: the leading R singular triplets of M.
    - `gamma`: how to split the components that are not fitted yet.
    """
    (x, y), polish = beside(theta, signal, gamma)
    if not polish.canonical:
        return canonical_factors(x, y, by_rotation=True), polish
    values = np.asarray(signal.values)
    values = np.where(np.arange(values.size) < values.size - polish.zeros, values, 0.0)
    balance = float(np.linalg.norm(x) / np.linalg.norm(y))
    end_x, end_y = Signal(signal.left, values, signal.right).factors(balance)
    return (np.asarray(end_x), np.asarray(end_y)), polish


def beside(theta: Pair, signal: Signal, gamma: float) -> tuple[Pair, Polish]:
    """The minimum that (X, Y) is near, and what changed; components that are not fitted yet are split as γ asks.

    - `theta`: X (d1 x R) and Y (d2 x R).
    - `signal`: the leading R singular triplets of M.
    """
    u, sigma, v = (np.asarray(part) for part in signal)
    (qx, rx), (_, ry) = (np.linalg.qr(factor) for factor in theta)
    p, s, _ = np.linalg.svd(rx @ ry.T)
    there = int(np.sum(sigma > max(u.shape[0], v.shape[0]) * np.finfo(float).eps * sigma[0]))
    fitted = _leading(np.abs(s - sigma) <= _FITTED * sigma, there)
    gauge = (p.T @ rx)[:fitted] / np.sqrt(s[:fitted, None])
    if fitted < sigma.size:  # the columns of the fitted components first
        gauge = np.asarray(np.linalg.qr(gauge.T, mode="r")).T
    root = np.sqrt(sigma[:fitted])
    overlap = root[:, None] * (u[:, :fitted].T @ qx @ p[:, :fitted]) * np.sqrt(s[:fitted])
    turned = _rotation(overlap) @ gauge
    x, y = np.zeros_like(u), np.zeros_like(v)
    x[:, :fitted] = (u[:, :fitted] * root) @ turned
    y[:, :fitted] = np.linalg.solve(turned, (v[:, :fitted] * root).T).T
    added = slice(fitted, there)
    x[:, added] = u[:, added] * np.sqrt(gamma * sigma[added])
    y[:, added] = v[:, added] * np.sqrt(sigma[added] / gamma)
    product = np.linalg.norm(_stacked(theta, (u * sigma, v))) / np.linalg.norm(sigma)
    apart = imbalance(x, y)
    return (x, y), Polish(
        float(product), fitted, there - fitted, sigma.size - there, apart, canonical=apart <= _NEARLY_BALANCED
    )


def _leading(which: np.ndarray, most: int) -> int:
    """How many of the first `most` hold before the first that does not."""
    wrong = np.flatnonzero(~which[:most])
    return int(wrong[0]) if wrong.size else most


def _rotation(matrix: Square) -> Square:
    """The orthogonal matrix nearest to `matrix`."""
    a, _, bt = np.linalg.svd(matrix)
    return a @ bt


def _stacked(one: Pair, other: Pair) -> Float[np.ndarray, "_ _"]:
    """A small matrix with the norm of X₁Y₁ᵀ − X₂Y₂ᵀ, which is not formed."""
    left, right = np.hstack([one[0], -other[0]]), np.hstack([one[1], other[1]])
    of_left, of_right = (np.asarray(np.linalg.qr(side, mode="r")) for side in (left, right))
    return of_left @ of_right.T
