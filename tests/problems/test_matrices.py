"""Matrices known by their products, against the same as arrays."""

import numpy as np
import pytest

from equipoise.problems import AbstractTarget, Dense, LowRank, Sparse
from equipoise.problems.matrices import Difference, dtype_of

pytestmark = pytest.mark.usefixtures("double")

LEFT = np.random.default_rng(0).standard_normal((5, 2))
RIGHT = np.random.default_rng(1).standard_normal((4, 2))
THIN = np.random.default_rng(2).standard_normal((4, 3))
TALL = np.random.default_rng(3).standard_normal((5, 3))
ROWS, COLUMNS = np.array([0, 2, 2, 4], np.int32), np.array([1, 0, 3, 3], np.int32)
VALUES = np.array([1.5, -2.0, 0.5, 3.0])
SPARSE = np.zeros((5, 4))
SPARSE[ROWS, COLUMNS] = VALUES


class Centred(AbstractTarget):
    """W − 1(column means)ᵀ of an array W: a matrix of one's own, known by its products."""

    entries: np.ndarray

    @property
    def shape(self):
        return self.entries.shape

    def matmul(self, thin):
        return (self.entries - self.entries.mean(axis=0)) @ thin

    def rmatmul(self, thin):
        return (self.entries - self.entries.mean(axis=0)).T @ thin

    def dense(self):
        return self.entries - self.entries.mean(axis=0)

    def squared_norm(self):
        return (self.dense() ** 2).sum()

    def squared_distance(self, product):
        return ((product.dense() - self.dense()) ** 2).sum()


TARGETS = {
    "dense": (Dense(LEFT @ RIGHT.T), LEFT @ RIGHT.T),
    "factored": (LowRank(LEFT, RIGHT), LEFT @ RIGHT.T),
    "sparse": (Sparse(VALUES, ROWS, COLUMNS, (5, 4)), SPARSE),
    "own": (Centred(SPARSE), SPARSE - SPARSE.mean(axis=0)),
    "empty": (Sparse(VALUES[:0], ROWS[:0], COLUMNS[:0], (5, 4)), np.zeros((5, 4))),
}
PRODUCT = LowRank(TALL, THIN)


@pytest.fixture(params=TARGETS)
def pair(request):
    return TARGETS[request.param]


def test_products(pair):
    matrix, array = pair
    assert matrix.shape == (5, 4)
    np.testing.assert_allclose(matrix.matmul(THIN), array @ THIN, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(matrix.rmatmul(TALL), array.T @ TALL, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(matrix.squared_norm(), np.sum(array**2), rtol=1e-13)
    distance = np.sum((TALL @ THIN.T - array) ** 2)
    np.testing.assert_allclose(matrix.squared_distance(PRODUCT), distance, rtol=1e-13)


def test_differences(pair):
    matrix, array = pair
    difference = Difference(1.5, PRODUCT, matrix)
    wanted = 1.5 * (TALL @ THIN.T - array)
    assert difference.shape == (5, 4)
    np.testing.assert_allclose(difference.matmul(THIN), wanted @ THIN, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(difference.rmatmul(TALL), wanted.T @ TALL, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("rank", [1, 3])
def test_singular_triplets(pair, rank):
    matrix, array = pair
    left, values, right = matrix.singular_triplets(rank)
    wanted = np.linalg.svd(array, compute_uv=False)[:rank]
    np.testing.assert_allclose(values, wanted[: values.size], rtol=1e-12, atol=1e-14)
    assert values.size == rank or not wanted[values.size :].max() > 1e-14
    np.testing.assert_allclose(array @ right, left * values, rtol=1e-12, atol=1e-13)
    for side in (left, right):
        np.testing.assert_allclose(side.T @ side, np.eye(values.size), atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_precision_is_that_of_the_entries(dtype):
    assert dtype_of(Dense(SPARSE.astype(dtype))) == dtype
    assert dtype_of(Sparse(VALUES.astype(dtype), ROWS, COLUMNS, (5, 4))) == dtype


def test_wide_factors_have_a_distance_too():
    """More columns than rows, where a QR factor is not square."""
    wide = LowRank(np.ones((2, 5)), np.ones((3, 5)))
    np.testing.assert_allclose(wide.squared_distance(LowRank(np.ones((2, 1)), np.ones((3, 1)))), 6 * 16.0, rtol=1e-13)
