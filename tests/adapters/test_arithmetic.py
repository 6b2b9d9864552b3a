"""Sums over the entries of weights, a block at a time."""

import numpy as np
import pytest

from equipoise.adapters.arithmetic import Library, inner_products

NUMPY = Library(lambda array: array.astype(np.float64), np.concatenate)


@pytest.mark.parametrize("block", [1, 7, 1000])
@pytest.mark.parametrize("same", [True, False])
def test_large_weights_are_summed_in_blocks(block, same):
    left, right = np.random.default_rng(0).standard_normal((2, 6, 4, 3)).astype(np.float32)
    right = left if same else right
    per_output, per_input = inner_products(NUMPY, left, right, block=block)
    products = left.astype(float) * right.astype(float)
    np.testing.assert_allclose(per_output, products.sum((1, 2)), rtol=1e-13)
    np.testing.assert_allclose(per_input, products.sum((0, 2)), rtol=1e-13, atol=1e-15)


def test_groups_are_summed_by_themselves():
    """Two groups of three outputs, that read four inputs each: eight sums over inputs."""
    weight = np.random.default_rng(1).standard_normal((6, 4, 3))
    per_output, per_input = inner_products(NUMPY, weight, weight, 2)
    np.testing.assert_allclose(per_output, (weight**2).sum((1, 2)))
    np.testing.assert_allclose(per_input, (weight.reshape(2, 3, 4, 3) ** 2).sum((1, 3)).ravel())
    assert inner_products(NUMPY, weight, weight, 2, by_input=False)[1] is None
