"""Quick normal numbers against the exact quantiles."""

import jax
import numpy as np
import pytest
import scipy.special

from equipoise.core.quick_normal import normal_of, quick_normal

pytestmark = pytest.mark.usefixtures("double")


def test_numbers_are_the_quantiles_of_their_words():
    away = np.unique(np.concatenate([np.linspace(0, 2**31 - 1, 20_001), 2**31 - np.logspace(0, 9, 5001)]).astype(int))
    found = {sign: np.asarray(normal_of((2 * away + sign).astype(np.uint32)), float) for sign in (0, 1)}
    exact = -scipy.special.ndtri((2**31 - away - 0.5) / 2**32)
    near = exact < 5
    np.testing.assert_allclose(found[1][near], exact[near], rtol=2e-6, atol=1e-7)
    np.testing.assert_allclose(found[1], exact, rtol=5e-4, atol=1e-7)
    assert (found[0] == -found[1]).all()


def test_the_variance_is_one():
    # the middles of 2²² places of equal probability: what their sum of squares leaves out is below 1e-6
    away = np.arange(256, 2**31, 512, dtype=np.uint32)
    squares = np.asarray(normal_of(2 * away + 1), float) ** 2
    assert abs(squares.mean() - 1) < 5e-6


def test_both_words_are_used_once():
    key = jax.random.key(3, impl="threefry2x32")
    for count in (1, 2, 7):
        found = np.asarray(quick_normal(key, (count,), np.float64))
        assert found.shape == (count,)
        assert np.unique(found).size == count
