"""Paths X ← exp(−εA*(c)) X exp(−εA*(c)): exact solutions of Eq. (4) for controls c that are constant over each step."""

from collections.abc import Callable

import numpy as np

Control = Callable[[np.ndarray, int], np.ndarray]
"""(residuals of all paths, number of the step) -> controls of all paths, each paths x m."""


LONGEST = 0.3
"""The largest ‖εA*(c)‖_F of a step; longer ones are shortened, which is another control of the same direction."""


def exponential(symmetric: np.ndarray) -> np.ndarray:
    """exp of symmetric matrices, with any leading axes."""
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * np.exp(values)[..., None, :]) @ np.swapaxes(vectors, -1, -2)


def combined(matrices: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A*(w) = Σ w_i A_i for each row of weights; the matrices are m x n x n."""
    count, size, _ = matrices.shape
    return (weights @ matrices.reshape(count, -1)).reshape(*weights.shape[:-1], size, size)


def measured(matrices: np.ndarray, x: np.ndarray) -> np.ndarray:
    """A(X) for matrices X with leading axes."""
    return x.reshape(*x.shape[:-2], -1) @ matrices.reshape(len(matrices), -1).T


def steer(
    matrices: np.ndarray, data: np.ndarray, start: np.ndarray, control: Control, *, step: float, steps: int
) -> np.ndarray:
    """X at the end of each path, paths x n x n.

    - `matrices`, `data`: the A_i and y.
    - `start`: X₀ of each path.
    - `control`: what to put in the place of the residuals.
    - `step`, `steps`: ε and the number of steps.
    """
    x = start.copy()
    for number in range(steps):
        residual = measured(matrices, x) - data
        move = combined(matrices, -step * control(residual, number))
        length = np.linalg.norm(move, axis=(-2, -1), keepdims=True)
        factor = exponential(move / np.maximum(1, length / LONGEST))
        x = factor @ x @ factor
        x = (x + np.swapaxes(x, -1, -2)) / 2
    return x
