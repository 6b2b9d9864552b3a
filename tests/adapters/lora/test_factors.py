"""Identities of the decomposition of a product from its factors."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.adapters import lora
from equipoise.adapters.lora.factors import balance_gap, decomposition, distance
from equipoise.adapters.lora.layouts import matrices, stored

SHAPES = [(20, 32, 8), (3, 32, 8), (20, 3, 8), (1, 32, 16), (5, 5, 5)]


def drawn(outputs, inputs, rank, experts=1):
    generator = np.random.default_rng(outputs + inputs)
    return generator.standard_normal((experts, rank, inputs)), 0.01 * generator.standard_normal(
        (experts, outputs, rank)
    )


@pytest.mark.parametrize(("outputs", "inputs", "rank"), SHAPES)
def test_the_decomposition_is_that_of_the_dense_product(outputs, inputs, rank):
    a, b = drawn(outputs, inputs, rank, experts=2)
    found = decomposition(a, b)
    for i in range(2):
        values = np.linalg.svd(b[i] @ a[i], compute_uv=False)[: min(outputs, inputs, rank)]
        np.testing.assert_allclose(found.values[i], values, atol=1e-14 * values[0])
        np.testing.assert_allclose(found.left[i] * found.values[i] @ found.right[i], b[i] @ a[i], atol=1e-14)


@pytest.mark.parametrize("gamma", [1.0, 0.25, 7.0])
@pytest.mark.parametrize(("outputs", "inputs", "rank"), SHAPES)
def test_balanced_factors_are_balanced_and_have_the_same_product(outputs, inputs, rank, gamma):
    (a,), (b,) = drawn(outputs, inputs, rank)
    new_a, new_b = lora.balanced_factors(a, b, gamma=gamma)
    assert (new_a.shape, new_b.shape) == (a.shape, b.shape)
    np.testing.assert_allclose(new_b @ new_a, b @ a, atol=1e-14)
    np.testing.assert_allclose(gamma * new_a @ new_a.T, new_b.T @ new_b / gamma, atol=1e-14)
    assert np.linalg.norm(new_b) / np.linalg.norm(new_a) == pytest.approx(gamma)
    assert balance_gap(new_a[None], new_b[None], gamma) < 1e-14


def test_the_sum_of_squares_of_balanced_factors_is_twice_the_nuclear_norm():
    (a,), (b,) = drawn(20, 32, 8)
    new_a, new_b = lora.balanced_factors(a, b)
    assert np.sum(new_a**2) + np.sum(new_b**2) == pytest.approx(2 * np.linalg.norm(b @ a, "nuc"))


@pytest.mark.parametrize("gamma", [0, -1.0, np.inf])
def test_gamma_must_be_positive(gamma):
    (a,), (b,) = drawn(3, 4, 2)
    with pytest.raises(eq.InputError, match="gamma"):
        lora.balanced_factors(a, b, gamma=gamma)


def test_the_distance_of_products_is_that_of_the_dense_ones():
    a, b = drawn(20, 32, 8, experts=2)
    other_a, other_b = drawn(20, 32, 8, experts=2)
    other_b = other_b[:, :, ::-1]
    difference, size = distance(a, b, other_a, other_b)
    assert difference == pytest.approx(np.linalg.norm(b @ a - other_b @ other_a))
    assert size == pytest.approx(np.linalg.norm(other_b @ other_a))
    assert distance(a, b, *decomposed(a, b))[0] < 1e-13 * size


def decomposed(a, b):
    found = decomposition(a, b)
    return found.right, found.left * found.values[:, None]


def test_experts_are_stored_as_peft_reads_them():
    """A (E·r, n) as (E, r, n), and B (m, r·E) as (m, r, E); the product of an expert is B[:, :, e] A[e]."""
    generator = np.random.default_rng(0)
    down, up = generator.standard_normal((3 * 2, 5)), generator.standard_normal((4, 2 * 3))
    a, b = matrices(down, up, 3)
    expected = np.einsum("ore,eri->eoi", up.reshape(4, 2, 3), down.reshape(3, 2, 5))
    np.testing.assert_allclose(b @ a, expected)
    again = stored(a, b, down.shape, up.shape)
    np.testing.assert_array_equal(again[0], down)
    np.testing.assert_array_equal(again[1], up)


@pytest.mark.parametrize(("dtype", "raw", "even"), [(np.float16, 0.9, 1e-3), (np.float32, 1e-6, 1e-6)])
def test_balanced_factors_survive_float16(dtype, raw, even):
    """B near 1e-8 is below the smallest number of float16; √S of both factors is not."""
    generator = np.random.default_rng(0)
    a, b = generator.standard_normal((8, 64)), 1e-8 * generator.standard_normal((48, 8))

    def error(new_a, new_b):
        found = new_b.astype(dtype).astype(float) @ new_a.astype(dtype).astype(float)
        return np.linalg.norm(found - b @ a) / np.linalg.norm(b @ a)

    assert (error(a, b) > raw) == (dtype is np.float16)
    assert error(*lora.balanced_factors(a, b)) < even
