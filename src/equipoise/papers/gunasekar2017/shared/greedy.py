"""The limit of gradient flow from a vanishing start, found without one: greedy low-rank learning.

As the start shrinks, the flow passes from one stationary point to the next, each with one direction more (Z. Li, Y. Luo
and K. Lyu, Towards resolving the implicit bias of gradient descent for matrix factorization: greedy low-rank learning,
2021).
"""

import numpy as np
import scipy.integrate
from jaxtyping import Float

ADDED = 1e-6
"""The norm of a new column of U; the limit does not depend on it as long as it is small."""

TIME, FITS = 1e5, 1e-6


def greedy_limit(matrices: Float[np.ndarray, "m n n"], data: Float[np.ndarray, " m"]) -> Float[np.ndarray, "n n"]:
    """UUᵀ where gradient flow on U fits the data, after as few columns as needed.

    A new column starts along the top eigenvector of −A*(r) at the stationary point of the columns before it.

    - `matrices`, `data`: A and y.
    """
    size, flat = matrices.shape[-1], matrices.reshape(len(data), -1)

    def residual(u: np.ndarray) -> np.ndarray:
        return flat @ (u @ u.T).ravel() - data

    def pull(u: np.ndarray) -> np.ndarray:
        """−A*(r)."""
        return -(residual(u) @ flat).reshape(size, size)

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        u = state.reshape(size, -1)
        return (pull(u) @ u).ravel()

    u = np.zeros((size, 0))
    while u.shape[1] < size and np.linalg.norm(residual(u)) > FITS * np.linalg.norm(data):
        u = np.column_stack([u, ADDED * np.linalg.eigh(pull(u))[1][:, -1]])
        options = {"method": "LSODA", "rtol": 1e-10, "atol": 1e-14}
        u = scipy.integrate.solve_ivp(velocity, (0, TIME), u.ravel(), **options).y[:, -1].reshape(size, -1)
    return u @ u.T
