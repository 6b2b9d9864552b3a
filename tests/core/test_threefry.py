"""Threefry written out gives the bits of `jax.random`, and its numbers up to rounding."""

import jax
import numpy as np
import pytest

from equipoise.core.threefry import folded, normal, words

pytestmark = pytest.mark.usefixtures("double")


def _key(seed):
    return jax.random.key(seed, impl="threefry2x32")


def test_words_are_those_of_jax():
    key = _key(2**40 + 3)
    high, low = (np.asarray(word).astype(np.uint64) for word in words(key, 1500))
    np.testing.assert_array_equal(high << np.uint64(32) | low, jax.random.bits(key, (1500,), np.uint64))
    np.testing.assert_array_equal((high ^ low).astype(np.uint32), jax.random.bits(key, (1500,), np.uint32))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_normal_numbers_are_those_of_jax(dtype):
    found, wanted = (
        jax.jit(lambda key, f=f: f(key, (500, 3), dtype))(_key(2**40 + 3)) for f in (normal, jax.random.normal)
    )
    assert found.dtype == dtype
    # XLA may fuse, and so round, the two programs of the same bits in different ways
    np.testing.assert_array_max_ulp(found, wanted, maxulp=4)


@pytest.mark.parametrize("number", [0, 7, 2**33 + 5])
def test_folded_keys_are_those_of_jax(number):
    data = [jax.random.key_data(fold(_key(5), np.asarray(number))) for fold in (folded, jax.random.fold_in)]
    np.testing.assert_array_equal(*data)


def test_keys_of_another_generator_are_left_to_jax():
    key = jax.random.key(0, impl="rbg")
    np.testing.assert_array_equal(normal(key, (4,), np.float64), jax.random.normal(key, (4,), np.float64))
