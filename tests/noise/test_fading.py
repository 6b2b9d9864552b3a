"""Noise that fades to nothing."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.core.describe import describe
from equipoise.noise import Annealed, Fading, Gaussian, Until

SHAPES = ((3, 2), (4, 2))


def law(last=10):
    return Until(Gaussian(std=(Annealed(2.0, 5.0, last), Annealed(1.0, 5.0, last))), last)


def test_the_variance_falls_as_one_over_t_and_reaches_zero(double):
    schedule = Annealed(3.0, 5.0, 1000)
    assert float(schedule(0)) == 3.0
    assert float(schedule(50)) == pytest.approx(3.0 * np.sqrt(0.95 / 11))
    assert float(schedule(1000)) == 0.0
    assert float(schedule(2000)) == 0.0


def test_the_variance_fades_to_zero_at_the_last_step(double):
    assert [float(Fading(2.0, 100)(step)) for step in (0, 25, 50, 100, 101)] == [2.0, 1.5, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Annealed(-1.0, 5.0, 10), "std is -1.0; it must be finite and 0 or greater."),
        (lambda: Annealed(1.0, 0.0, 10), "time is 0.0; it must be finite and greater than 0."),
        (lambda: Fading(1.0, float("inf")), "last is inf; it must be finite and greater than 0."),
        (lambda: Until(Gaussian(1.0), -1), "last is -1; it must be a whole number, 0 or greater."),
    ],
)
def test_numbers_out_of_range(make, said):
    with pytest.raises(eq.InputError) as caught:
        make()
    assert str(caught.value) == said


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
        "class": "equipoise.noise.fading.Annealed",
        "std": 2.0,
        "time": 5.0,
        "last": 10.0,
    }
