"""Noise that fades to nothing."""

import jax
import numpy as np
import pytest

from equipoise.core.describe import describe
from equipoise.estimators.annealing import Annealed, Until
from equipoise.noise import Gaussian

SHAPES = ((3, 2), (4, 2))


def law(last=10):
    return Until(Gaussian(std=(Annealed(2.0, 5.0, last), Annealed(1.0, 5.0, last))), last)


def test_the_variance_falls_as_one_over_t_and_reaches_zero(double):
    schedule = Annealed(3.0, 5.0, 1000)
    assert float(schedule(0)) == 3.0
    assert float(schedule(50)) == pytest.approx(3.0 * np.sqrt(0.95 / 11))
    assert float(schedule(1000)) == 0.0
    assert float(schedule(2000)) == 0.0


@pytest.mark.parametrize("step", [10, 11, 1000])
def test_there_is_none_from_the_last_step_on(double, step):
    assert all(not np.any(w) for w in law().sample(jax.random.key(0), step, SHAPES, np.float64))
    assert all(not np.any(m) for m in law().second_moments(step, SHAPES, np.float64))


def test_until_then_it_is_the_law_s_own(double):
    key, noise = jax.random.key(0), law()
    for one, other in zip(
        noise.sample(key, 3, SHAPES, np.float64), noise.law.sample(key, 3, SHAPES, np.float64), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    moments = noise.second_moments(3, SHAPES, np.float64)
    variance = float(Annealed(2.0, 5.0, 10)(3)) ** 2
    np.testing.assert_allclose(moments[0], 3 * variance * np.eye(2))


def test_the_settings_are_on_record():
    told = describe(law())
    assert told["last"] == 10
    assert told["law"]["std"][0] == {
        "class": "equipoise.estimators.annealing.Annealed",
        "std": 2.0,
        "time": 5.0,
        "last": 10.0,
    }
