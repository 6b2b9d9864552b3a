"""The networks of Figure 2, and kinds of data for them, which the paper does not give."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream

Points = tuple[np.ndarray, np.ndarray]


class Setting(NamedTuple):
    """A network, its data, and its training. `scale` is the root mean square of the targets."""

    widths: tuple[int, ...]
    scale: float
    step_size: float
    steps: int
    data: str = "random"


def points(setting: Setting, seed: int) -> Points:
    """As many points as inputs; all inputs have variance 1/12, and all targets the mean square scale²."""
    inputs, targets = DATA[setting.data](setting.widths, generator(seed, Stream.POINTS))
    return inputs / 12**0.5, targets * setting.scale / np.mean(targets**2) ** 0.5


def _random(widths: tuple[int, ...], random: np.random.Generator) -> Points:
    """Uniform inputs, and targets independent of them."""
    inputs = random.uniform(-(3**0.5), 3**0.5, (widths[0], widths[0]))
    return inputs, random.standard_normal((widths[0], widths[-1]))


def _linear(widths: tuple[int, ...], random: np.random.Generator) -> Points:
    """Gaussian inputs, and a linear map of them."""
    inputs = random.standard_normal((widths[0], widths[0]))
    return inputs, inputs @ random.standard_normal((widths[0], widths[-1]))


def _teacher(widths: tuple[int, ...], random: np.random.Generator) -> Points:
    """Gaussian inputs, and the outputs of another network of the same widths."""
    inputs = random.standard_normal((widths[0], widths[0]))
    teacher = eq.problems.network(widths, inputs, np.zeros((widths[0], widths[-1])))
    return inputs, np.asarray(teacher.outputs(tuple(random.standard_normal(shape) for shape in teacher.shapes)))


def _classes(widths: tuple[int, ...], random: np.random.Generator) -> Points:
    """Gaussian clusters, one for each output; that output is 1 there and the others are 0."""
    centers = random.standard_normal((widths[-1], widths[0]))
    which = random.integers(0, widths[-1], widths[0])
    inputs = centers[which] + random.standard_normal((widths[0], widths[0]))
    return inputs / 2**0.5, np.eye(widths[-1])[which]


DATA: dict[str, Callable[[tuple[int, ...], np.random.Generator], Points]] = {
    "random": _random,
    "linear": _linear,
    "teacher": _teacher,
    "classes": _classes,
}
