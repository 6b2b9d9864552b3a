"""The native engine draws the numbers of jax.random, with every build."""

import jax
import numpy as np
import pytest
import scipy.special
import scipy.stats

from equipoise.core.stream import noise_key, replicate_key, step_key
from equipoise.machine.native import compiled

KEY = np.array([123, 456], np.uint32)
COUNT = 300_000
ROUNDING = {np.float64: 8e-15, np.float32: 4e-6}
"""Relative; at the ends of the range of u the logarithm of 1 − u² magnifies the rounding of u²."""
KNOWN_KEY = [193500906, 3309503704]
KNOWN = [-0.25597796412426976, -1.829668781260525, -0.014621476237288433, -0.386200347419042]
KNOWN_SINGLE = [-0.45846832, 0.55496395, -0.5969911, 0.52848107]


def _wanted(dtype, key=KEY, count=COUNT):
    with jax.enable_x64(True), jax.threefry_partitionable(True):
        return np.asarray(jax.random.normal(jax.random.wrap_key_data(key, impl="threefry2x32"), (count,), dtype))


def _drawn(build, dtype, first=0, count=COUNT, key=KEY):
    found = np.empty(count, dtype)
    compiled().normals(key, first, found, 2, build)
    return found


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_numbers_are_those_of_jax(build, dtype):
    wanted, found = _wanted(dtype), _drawn(build, dtype)
    assert np.abs(wanted).max() > 4.5  # the tails are there: beyond 3.08 another polynomial is used
    np.testing.assert_allclose(found, wanted, rtol=ROUNDING[dtype], atol=ROUNDING[dtype] * 1e-2)
    assert np.mean(found == wanted) > 0.5


def test_a_part_of_the_stream_can_be_drawn_alone(build):
    whole = _drawn(build, np.float64, count=1000)
    np.testing.assert_array_equal(_drawn(build, np.float64, first=320, count=100), whole[320:420])


def test_known_answers(build):
    """The definition of the stream: the first numbers of seed 0, replicate 3, step 5."""
    with jax.enable_x64(True), jax.threefry_partitionable(True):
        key = np.asarray(jax.random.key_data(step_key(noise_key(replicate_key(0, 3)), 5)), np.uint32)
    assert key.tolist() == KNOWN_KEY
    np.testing.assert_allclose(_drawn(build, np.float64, count=4, key=key), KNOWN, rtol=1e-14)
    np.testing.assert_allclose(_drawn(build, np.float32, count=4, key=key), KNOWN_SINGLE, rtol=1e-6)
    np.testing.assert_allclose(_wanted(np.float64, key, 4), KNOWN, rtol=1e-14)
    np.testing.assert_allclose(_wanted(np.float32, key, 4), KNOWN_SINGLE, rtol=1e-6)


def test_moments_and_neighbors_are_those_of_independent_normal_numbers(build):
    """Thirteen numbers within 4.5 standard errors: a correct stream fails for one seed in 11 000."""
    count = 2**20
    z = np.array([_normals(seed, count, build) for seed in range(2)])
    for order in range(1, 9):
        even = 0.0 if order % 2 else scipy.special.factorial2(order - 1)
        spread = np.sqrt((scipy.special.factorial2(2 * order - 1) - even**2) / z.size)
        assert abs(np.mean(z**order) - even) < 4.5 * spread
    for one, other in ((z[0], z[1]), (z[:, :-1], z[:, 1:])):
        assert abs(np.sum(one * other)) < 4.5 * np.sqrt(one.size)
        assert abs(np.sum((one**2 - 1) * (other**2 - 1))) < 2 * 4.5 * np.sqrt(one.size)
    assert scipy.stats.kstest(z.ravel(), "norm").pvalue > 7e-6


def _normals(seed, count, build):
    found = np.empty(count)
    compiled().normals(np.array([seed, 7], np.uint32), 0, found, 2, build)
    return found
