"""Residual blocks x + V relu(U x) in NumPy: gradients of an output's product with given numbers."""

from collections.abc import Callable

import numpy as np

Arrays = tuple[np.ndarray, ...]


def shapes_of(size: int, hidden: tuple[int, ...]) -> list[tuple[int, int]]:
    """The shapes of U and V of each block in turn."""
    return [shape for h in hidden for shape in ((h, size), (size, h))]


def pulled(theta: Arrays, inputs: np.ndarray, cotangents: np.ndarray, *, skip: bool = True) -> Arrays:
    """The gradients of Σ cotangents · outputs for each point: inputs and cotangents (points, size)."""
    reached, steps = inputs, []
    for into, out in zip(theta[::2], theta[1::2], strict=True):
        hidden = np.maximum(reached @ into.T, 0)
        steps.append((reached, hidden))
        reached = hidden @ out.T + (reached if skip else 0)
    back, slopes = cotangents, []
    for into, out, (before, hidden) in zip(theta[::-1][1::2], theta[::-1][::2], steps[::-1], strict=True):
        inner = (back @ out) * (hidden > 0)
        slopes += [np.einsum("pi,pj->pij", back, hidden), np.einsum("pi,pj->pij", inner, before)]
        back = inner @ into + (back if skip else 0)
    return tuple(slopes[::-1])


def gradient_of(size: int, skip: bool) -> Callable[[Arrays, np.random.Generator], Arrays]:
    """Gradients of the block or blocks on a few random points with random derivatives of the loss by the outputs."""

    def gradient(theta: Arrays, random: np.random.Generator) -> Arrays:
        inputs, cotangents = random.standard_normal((2, 8, size))
        return tuple(part.sum(axis=0) for part in pulled(theta, inputs, cotangents, skip=skip))

    return gradient
