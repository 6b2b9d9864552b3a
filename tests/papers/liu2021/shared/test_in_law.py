"""The four strengths follow from themselves and a few numbers of the noise, as the full iterate does."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.papers.liu2021.shared.in_law import Strengths, after_step
from equipoise.papers.liu2021.shared.settings import SHAPE, instance

STEP_SIZE, STDS = 0.07, (0.3, 0.2)


class FromNoise(np.random.Generator):
    """A generator that returns the parts of a given noise: along the signal, along the rest, and across both."""

    def __init__(self, theta, noise):
        super().__init__(np.random.PCG64(0))
        self.normals, self.squares = [], []
        for array, drawn in zip(theta, noise, strict=True):
            on, off = array[0], array[1:]
            direction = off / np.linalg.norm(off)
            along = drawn[1:] @ direction
            self.normals.append(np.array([[drawn[0]], [along]]))
            self.squares.append(np.array([np.sum((drawn[1:] - along * direction) ** 2)]))
            assert on.ndim == 0

    def standard_normal(self, shape):
        assert shape == (2, 1)
        return self.normals.pop(0)

    def chisquare(self, degrees, size):
        assert degrees in (SHAPE[0] - 2, SHAPE[1] - 2)
        assert size == 1
        return self.squares.pop(0)


def test_one_step_in_four_numbers_is_the_full_step():
    random = np.random.default_rng(3)
    theta = [random.standard_normal(d) for d in SHAPE]
    noise = [random.standard_normal(d) for d in SHAPE]
    x, y = (array[:, None] for array in theta)
    at = tuple((w + s * z)[:, None] for w, s, z in zip(theta, STDS, noise, strict=True))
    gradient = instance(1).gradient(at)
    signal = instance(1).known_signal()
    moved = (x - STEP_SIZE * np.asarray(gradient[0]), y - STEP_SIZE * np.asarray(gradient[1]))
    expected = eq.theory.rank_one_strengths(signal, tuple(w[None] for w in moved))
    now = eq.theory.rank_one_strengths(signal, (x[None], y[None]))
    found = after_step(Strengths(*now), STEP_SIZE, STDS, SHAPE, FromNoise(theta, noise))
    assert np.array(found) == pytest.approx(np.array(expected), abs=1e-12)


def test_without_noise_it_is_the_recursion_of_gradient_descent():
    now = Strengths(*np.array([[0.3], [-0.8], [0.5], [0.2]]))
    found = after_step(now, STEP_SIZE, (0.0, 0.0), SHAPE, np.random.default_rng(1))
    assert np.abs(np.array(found)) == pytest.approx(np.abs(np.array(now.after_step(STEP_SIZE, 1.0))), abs=1e-15)
