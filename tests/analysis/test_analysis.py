"""Intervals cover, exponents are found, phases are entered where they are."""

import numpy as np
import pytest
import xarray as xr

from equipoise import InputError
from equipoise.analysis import (
    exponential_average,
    first_passage,
    mean_interval,
    median_interval,
    power_law,
    proportion_interval,
    since,
)


def path(values):
    array = np.atleast_2d(np.asarray(values, dtype=float))
    return xr.DataArray(array, {"step": 10 * np.arange(array.shape[1])}, ("replicate", "step"))


@pytest.mark.parametrize(("interval", "centre"), [(median_interval, np.log(2)), (mean_interval, 1.0)])
def test_intervals_cover_as_often_as_they_say(interval, centre):
    """400 exponential samples of 50 at 90%: covered 320 to 400 times but with probability below 1e-5.

    The order statistics' interval covers with at least 90%, Student's with about 88% on this skewed law.
    """
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        found = interval(generator.exponential(size=50), 0.9)
        assert found.low <= found.estimate <= found.high
        covered += found.low <= centre <= found.high
    assert 320 <= covered <= 395


def test_missing_values_are_left_out():
    assert median_interval(np.array([1.0, np.nan, 3.0, 2.0])).estimate == 2
    assert mean_interval(np.array([1.0, np.nan, 3.0])).estimate == 2


def test_a_proportion_of_none_still_has_an_upper_end():
    found = proportion_interval(0, 100, 0.95)
    assert found.estimate == found.low == 0
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 100), rel=1e-10)


def test_an_exact_power_law_is_found_exactly():
    x = np.geomspace(1e-3, 1, 7)
    law = power_law(x, 3 * x**-1.5)
    assert law.exponent.estimate == pytest.approx(-1.5, abs=1e-12)
    assert law.constant == pytest.approx(3, rel=1e-12)


def test_the_interval_of_an_exponent_shows_the_noise():
    x = np.geomspace(1e-3, 1, 20)
    y = x**2 * np.exp(0.1 * np.random.default_rng(0).standard_normal(20))
    found = power_law(x, y).exponent
    assert found.low < 2 < found.high
    assert 0.02 < found.high - found.low < 0.3


def test_first_passage_is_the_first_and_nan_if_never():
    found = first_passage(path([[5, 3, 1, 3, 0], [5, 5, 5, 5, 5]]), below=2)
    np.testing.assert_array_equal(found, [20, np.nan])
    np.testing.assert_array_equal(first_passage(path([0, 0, 4]), above=3), [20])


@pytest.mark.parametrize("bounds", [{}, {"below": 1.0, "above": 2.0}])
def test_first_passage_needs_one_bound(bounds):
    with pytest.raises(InputError, match="exactly one"):
        first_passage(path([1, 2]), **bounds)


def test_since_keeps_the_step_itself():
    data = path([1, 2, 3]).to_dataset(name="loss")
    np.testing.assert_array_equal(since(data, 10)["loss"], [[2, 3]])


def test_the_moving_average_follows_its_recursion():
    values = np.random.default_rng(1).standard_normal((2, 6))
    smooth = exponential_average(path(values), 0.8).values
    np.testing.assert_array_equal(smooth[:, 0], values[:, 0])
    np.testing.assert_allclose(smooth[:, 1:], 0.8 * smooth[:, :-1] + 0.2 * values[:, 1:], rtol=1e-14)
