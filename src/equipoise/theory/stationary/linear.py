"""The stationary covariance of a linear recursion with noise."""

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError

_ZERO = 1e-10
"""The size of an eigenvalue, relative to the largest, below which it belongs to a direction without restoring force."""


def stationary_covariance(
    hessian: Float[np.ndarray, "n n"], noise: Float[np.ndarray, "n n"], steps: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "n n"]:
    """C with C = (I − NH) C (I − NH)ᵀ + N Σ N, the discrete Lyapunov equation; N = diag(η).

    - `hessian`: H, symmetric and positive semidefinite.
    - `noise`: Σ, the covariance of the gradient.
    - `steps`: η of each coordinate.

    In the coordinates N^−½ δ the recursion is symmetric, so the equation is solved entry by entry in the eigenvectors
    of N^½ H N^½. Directions without restoring force, as those of rotations, are left out: their part of C is 0. Raises
    `InputError` if an eigenvalue is 2 or more, where the recursion diverges, and if H has a negative one.
    """
    root = np.sqrt(steps)
    rates, directions = np.linalg.eigh(root[:, None] * hessian * root)
    least = _ZERO * max(float(np.abs(rates).max(initial=0.0)), np.finfo(float).tiny)
    if rates.size and rates[-1] >= 2:
        raise InputError(
            f"The step size is {rates[-1] / 2:.4g} times the largest stable one at the smoothed minimum; lower it."
        )
    if rates.size and rates[0] < -1e3 * least:
        raise InputError("The smoothed objective has no minimum there; take less noise.")
    held = rates > least
    rates, directions = rates[held], directions[:, held]
    driven = directions.T @ (root[:, None] * noise * root) @ directions
    fading = rates[:, None] + rates - np.outer(rates, rates)  # 1 − (1 − λᵢ)(1 − λⱼ), without cancellation
    covariance = directions @ (driven / fading) @ directions.T
    return root[:, None] * covariance * root


def pseudo_solve(hessian: Float[np.ndarray, "n n"], right: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The m of least norm with H m = right in the directions that H restores."""
    return np.linalg.lstsq(hessian, right, rcond=_ZERO)[0]
