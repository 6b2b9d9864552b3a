"""The stream is fixed for good: these keys must never change, or no old result could be had again."""

import jax
import numpy as np
import pytest

from equipoise.core.stream import initial_key, noise_key, replicate_key, step_key

pytestmark = pytest.mark.usefixtures("double")


def _numbers(key):
    return jax.random.key_data(key).tolist()


def test_keys_are_as_published():
    """Of replicate 1 under seed 2026: its start, its first step and its millionth, as of version 0.1."""
    key = replicate_key(2026, 1)
    assert _numbers(initial_key(key)) == [2134294074, 1710694317]
    assert _numbers(step_key(noise_key(key), 0)) == [3730738720, 3001563659]
    assert _numbers(step_key(noise_key(key), 10**6)) == [1300767444, 2595665549]


def test_all_keys_differ():
    @jax.jit
    def of_replicate(seed, replicate):
        key = replicate_key(seed, replicate)
        steps = jax.vmap(lambda step: jax.random.key_data(step_key(noise_key(key), step)))(np.arange(20))
        return steps, jax.random.key_data(initial_key(key))

    seeds, replicates = (0, 1, 2**31, 2**32, 2**40), range(20)
    drawn = [of_replicate(np.asarray(seed), np.asarray(replicate)) for seed in seeds for replicate in replicates]
    assert len(np.unique(np.vstack([np.vstack(pair) for pair in drawn]), axis=0)) == 5 * 20 * 21


@pytest.mark.parametrize("seed", [0, 7, 2**32 + 1, 2**63 - 1])
def test_a_seed_is_the_same_as_a_number_and_as_an_array(seed):
    assert _numbers(replicate_key(seed, 3)) == _numbers(replicate_key(np.asarray(seed), np.asarray(3)))


def test_the_generator_is_named():
    with jax.default_prng_impl("rbg"):
        assert str(jax.random.key_impl(replicate_key(0, 0))) == "threefry2x32"
