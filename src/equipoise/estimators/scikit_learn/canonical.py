"""The canonical form of a pair of factors, which depends on their product alone."""

import numpy as np
from jaxtyping import Float64

_ABSENT = 1e-12


def singular_triplets(
    left: Float64[np.ndarray, "d1 k"], right: Float64[np.ndarray, "d2 k"]
) -> tuple[Float64[np.ndarray, "d1 k"], Float64[np.ndarray, " k"], Float64[np.ndarray, "d2 k"]]:
    """(A, s, B) with A diag(s) Bᵀ = `left` `right`ᵀ, s descending, and AᵀA and BᵀB diagonal with entries 1 or 0.

    The entry of largest magnitude of each column of A is positive. Columns whose s is below rounding are 0, and come
    last.
    """
    (of_left, small_left), (of_right, small_right) = np.linalg.qr(left), np.linalg.qr(right)
    a, found, b = np.linalg.svd(small_left @ small_right.T)
    kept = int(np.count_nonzero(found > _ABSENT * found[0])) if found[0] > 0 else 0
    k = left.shape[1]
    full_a, values, full_b = np.zeros((left.shape[0], k)), np.zeros(k), np.zeros((right.shape[0], k))
    full_a[:, :kept], full_b[:, :kept] = of_left @ a[:, :kept], of_right @ b[:kept].T
    values[:kept] = found[:kept]
    largest = np.take_along_axis(full_a, np.abs(full_a).argmax(axis=0)[None], axis=0)[0]
    signs = np.where(largest < 0, -1.0, 1.0)
    return full_a * signs, values, full_b * signs
