"""The singular value decomposition of a product BA from its factors, and factors from it that are balanced.

With thin QR decompositions B = Q_B R_B and Aᵀ = Q_A R_A, the SVD of the small matrix R_B R_Aᵀ = P S Rᵀ gives
BA = (Q_B P) S (Q_A R)ᵀ. It costs O((m + n) r²) and forms no m x n matrix. All arrays have a leading axis of experts.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from equipoise.adapters.lora.layouts import Down, Up
from equipoise.core.checks import positive_number
from equipoise.core.types import RealNumber


class Decomposition(NamedTuple):
    """BA = U diag(S) Vᵀ: U (E, m, k), S (E, k) in decreasing order, Vᵀ (E, k, n), where k = min(m, n, r)."""

    left: Float64[np.ndarray, "experts outputs k"]
    values: Float64[np.ndarray, "experts k"]
    right: Float64[np.ndarray, "experts k inputs"]


def decomposition(a: Down, b: Up) -> Decomposition:
    """The thin singular value decomposition of BA."""
    q_b, r_b = np.linalg.qr(b)
    q_a, r_a = np.linalg.qr(np.swapaxes(a, 1, 2))
    left, values, right = np.linalg.svd(r_b @ np.swapaxes(r_a, 1, 2), full_matrices=False)
    return Decomposition(q_b @ left, values, right @ np.swapaxes(q_a, 1, 2))


def split(found: Decomposition, rank: int, gamma: float = 1.0) -> tuple[Down, Up]:
    """A = √(S/γ) Vᵀ and B = U √(γS) from the `rank` largest singular values, filled up with zeros if there are fewer.

    Then A Aᵀ = S/γ and BᵀB = γS, so ‖B‖/‖A‖ = γ.
    """
    kept = min(rank, found.values.shape[1])
    roots = np.sqrt(found.values[:, :kept])
    a = roots[:, :, None] * found.right[:, :kept] / np.sqrt(gamma)
    b = found.left[:, :, :kept] * roots[:, None, :] * np.sqrt(gamma)
    missing = rank - kept
    return np.pad(a, ((0, 0), (0, missing), (0, 0))), np.pad(b, ((0, 0), (0, 0), (0, missing)))


def distance(
    a: Down,
    b: Up,
    other_a: Float64[np.ndarray, "experts other_rank inputs"],
    other_b: Float64[np.ndarray, "experts outputs other_rank"],
) -> tuple[float, float]:
    """‖B₁A₁ − B₂A₂‖ and ‖B₂A₂‖ in the Frobenius norm, over all experts, without forming the products."""
    difference = _norm(np.concatenate([a, other_a], 1), np.concatenate([b, -other_b], 2))
    return difference, _norm(other_a, other_b)


def _norm(a: Down, b: Up) -> float:
    """‖BA‖ = ‖R_B R_Aᵀ‖."""
    r_b, r_a = np.linalg.qr(b, mode="r"), np.linalg.qr(np.swapaxes(a, 1, 2), mode="r")
    return float(np.linalg.norm(r_b @ np.swapaxes(r_a, 1, 2)))


def balance_gap(a: Down, b: Up, gamma: float = 1.0) -> float:
    """‖γAAᵀ − BᵀB/γ‖/(γ‖A‖² + ‖B‖²/γ): 0 for γ-balanced factors, at most 1; NaN if both are 0."""
    gram_a, gram_b = a @ np.swapaxes(a, 1, 2) * gamma, np.swapaxes(b, 1, 2) @ b / gamma
    total = float(np.sum(a**2)) * gamma + float(np.sum(b**2)) / gamma
    return float(np.linalg.norm(gram_a - gram_b)) / total if total else float("nan")


def balanced_factors(
    a: Float64[np.ndarray, "rank inputs"], b: Float64[np.ndarray, "outputs rank"], *, gamma: RealNumber = 1.0
) -> tuple[Float64[np.ndarray, "rank inputs"], Float64[np.ndarray, "outputs rank"]]:
    """The factors A′ (r x n), B′ (m x r) of the same product BA with A′A′ᵀ = S/γ and B′ᵀB′ = γS.

    S holds the singular values of BA. The pair has the least γ‖A‖² + ‖B‖²/γ of all with this product, and for γ = 1 it
    is the balanced one, ‖A′‖ = ‖B′‖, with the least sharpness.

    - `a`, `b`: the factors.
    - `gamma`: the balance ‖B′‖/‖A′‖; 1 by default.

    Raises `InputError` if `gamma` is not positive. Source: Du, Hu and Lee (2018), Theorem 2.2; Liu et al. (2021).
    """
    ratio = float(positive_number("gamma", gamma))
    new_a, new_b = split(decomposition(a[None], b[None]), a.shape[0], ratio)
    return new_a[0], new_b[0]
