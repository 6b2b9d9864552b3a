"""Gradient flow from vanishing starts, followed by the logarithms of the eigenvalues of X.

In U, an entry of size 1 hides what is below 1e-16 beside it, however small the start: a direction that grows later
starts from rounding errors. Logarithms keep each direction apart, down to any size of the start.
"""

from typing import NamedTuple

import numpy as np
import scipy.integrate
from jaxtyping import Float

LARGEST = 20.0
"""Logarithms count up to this one, so that a step tried far too long fails by its error and not by an overflow."""


class Limit(NamedTuple):
    """The end of the flow."""

    matrix: Float[np.ndarray, "n n"]
    """X∞."""
    trace: float
    """Its nuclear norm."""
    misfit: float
    """‖A(X∞) − y‖/‖y‖."""


def vanishing_flow(
    matrices: Float[np.ndarray, "m n n"],
    data: Float[np.ndarray, " m"],
    direction: Float[np.ndarray, "n n"],
    decades: int,
    *,
    time: float,
    until: float = 1e-5,
    tolerance: float = 1e-7,
) -> Limit:
    """The limit of Ẋ = −A*(r)X − XA*(r) from U₀ = 10^−decades · direction, at the first misfit below `until`.

    With X = V diag(exp ℓ) Vᵀ and B = −VᵀA*(r)V the flow is ℓ̇_k = 2B_kk and V̇ = V(B ∘ C), where C_jk = coth((ℓ_k −
    ℓ_j)/2), and 0 for j = k.

    - `matrices`, `data`: A and y.
    - `direction`: U₀ but for its size, regular and without equal singular values.
    - `time`: when to end if the misfit is not reached, in the time of Eq. (4).
    - `tolerance`: the relative tolerance of the solver.

    Source: Gunasekar et al. (2017), Eq. (4).
    """
    size, flat = len(direction), matrices.reshape(len(data), -1)

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        # no calls in here, which cost more than the arithmetic of small matrices
        logs, basis = state[:size], state[size:].reshape(size, size)
        residual = flat @ ((basis * np.exp(np.minimum(logs, LARGEST))) @ basis.T).ravel() - data
        pull = -basis.T @ (residual @ flat).reshape(size, size) @ basis
        apart = logs[None, :] - logs[:, None]
        np.fill_diagonal(apart, np.inf)
        turn = pull / np.tanh(apart / 2)
        np.fill_diagonal(turn, 0.0)
        return np.concatenate([2 * np.diag(pull), (basis @ turn).ravel()])

    def left(_: float, state: np.ndarray) -> float:
        matrix = _matrix(state[:size], state[size:].reshape(size, size))
        return float(np.linalg.norm(flat @ matrix.ravel() - data) / np.linalg.norm(data)) - until

    left.terminal = True  # type: ignore[attr-defined]
    basis, values, _ = np.linalg.svd(direction)
    start = np.concatenate([2 * np.log(values) - 2 * decades * np.log(10), basis.ravel()])
    options = {"method": "LSODA", "rtol": tolerance, "atol": tolerance / 10, "events": left}
    end = scipy.integrate.solve_ivp(velocity, (0, time), start, **options).y[:, -1]
    matrix = _matrix(end[:size], end[size:].reshape(size, size))
    return Limit(matrix, float(np.trace(matrix)), left(0.0, end) + until)


def _matrix(logs: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return (basis * np.exp(np.minimum(logs, LARGEST))) @ basis.T
