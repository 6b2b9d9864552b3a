"""Networks without bias in NumPy, with gradients on fresh data, and the published numbers of their laws."""

from collections.abc import Callable, Sequence

import numpy as np

POINTS = 8
"""Data points of each draw."""

Arrays = tuple[np.ndarray, ...]
Gradient = Callable[[Arrays, np.random.Generator], Arrays]


def shapes_of(widths: Sequence[int]) -> list[tuple[int, int]]:
    """The shapes of the weights of a network."""
    return list(zip(widths[1:], widths[:-1], strict=True))


def gradient_of(widths: Sequence[int], kind: str) -> Gradient:
    """Gradients of half the squared error on random data: of a "linear" or "relu" network."""

    def gradient(theta: Arrays, random: np.random.Generator) -> Arrays:
        layers = [random.standard_normal((widths[0], POINTS))]
        for k, weight in enumerate(theta):
            before = weight @ layers[-1]
            is_last = k == len(theta) - 1
            layers.append(before if kind == "linear" or is_last else np.maximum(before, 0))
        back = layers[-1] - random.standard_normal((widths[-1], POINTS))
        slopes: list[np.ndarray] = []
        for weight, inputs in zip(theta[::-1], layers[-2::-1], strict=True):
            slopes.append(back @ inputs.T)
            back = weight.T @ back
            back = back if kind == "linear" else back * (inputs > 0)
        return tuple(slopes[::-1])

    return gradient


def published(widths: Sequence[int], kind: str) -> int:
    """The number of independent laws: one for each neuron with ReLU; the layers' numbers, added up, if linear."""
    if kind == "relu":
        return sum(widths[1:-1])
    return sum(of_layer(*widths[k - 1 : k + 2]) for k in range(1, len(widths) - 1))


def of_layer(before: int, width: int, after: int) -> int:
    """The number of independent laws of r linear neurons between n inputs and m outputs.

    It is r(r + 1)/2, or, where n + m < r, (n + m)(2r + 1 − n − m)/2.
    """
    ends = before + after
    return width * (width + 1) // 2 if ends >= width else ends * (2 * width + 1 - ends) // 2
