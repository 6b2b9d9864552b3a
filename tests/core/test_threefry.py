"""Threefry written out gives the numbers of `jax.random` to the last bit."""

import jax
import numpy as np
import pytest

from equipoise.core.threefry import folded, normal

pytestmark = pytest.mark.usefixtures("double")


def _key(seed):
    return jax.random.key(seed, impl="threefry2x32")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_normal_numbers_are_those_of_jax(dtype):
    found, wanted = (
        jax.jit(lambda key, f=f: f(key, (500, 3), dtype))(_key(2**40 + 3)) for f in (normal, jax.random.normal)
    )
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("number", [0, 7, 2**33 + 5])
def test_folded_keys_are_those_of_jax(number):
    data = [jax.random.key_data(fold(_key(5), np.asarray(number))) for fold in (folded, jax.random.fold_in)]
    np.testing.assert_array_equal(*data)


def test_keys_of_another_generator_are_left_to_jax():
    key = jax.random.key(0, impl="rbg")
    np.testing.assert_array_equal(normal(key, (4,), np.float64), jax.random.normal(key, (4,), np.float64))
