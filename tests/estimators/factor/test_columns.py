"""Centered and scaled columns, whose means and scales give the matrix back."""

import numpy as np
import pytest
import scipy.sparse

from equipoise.core.errors import InputError
from equipoise.estimators import factor
from equipoise.estimators.factor.columns import prepared, sizes_apart
from equipoise.problems import factorization

GENERATOR = np.random.default_rng(7)
SIZES = np.array([1e9, 1.0, 1e-3, 1.0])
TABLE = GENERATOR.standard_normal((30, 4)) * SIZES + [1.7e9, 0.0, 5.0, 2.0]


@pytest.mark.parametrize("center", [False, True])
def test_the_columns_have_mean_0_and_size_1(center):
    made = prepared(TABLE, center=center, scale=True)
    np.testing.assert_allclose(np.mean(made.matrix**2, axis=0), 1.0)
    if center:
        np.testing.assert_allclose(made.matrix.mean(axis=0), 0.0, atol=1e-10)
    np.testing.assert_allclose(made.matrix * made.scales + (made.means if center else 0.0), TABLE)


def test_nothing_is_done_unless_asked():
    assert prepared(TABLE, center=False, scale=False) == (TABLE, None, None)


def test_constant_columns_are_not_divided():
    made = prepared(np.c_[np.full(30, 0.1), TABLE], center=True, scale=True)
    np.testing.assert_array_equal(made.matrix[:, 0], 0.0)
    assert made.scales[0] == 1.0
    with pytest.raises(InputError, match="Every column of the matrix is constant"):
        prepared(np.full((3, 2), 0.1), center=True, scale=False)


def test_a_sparse_matrix_is_scaled_and_not_centered():
    sparse = scipy.sparse.csr_array(np.diag([1e6, 2.0, 3.0]))
    made = prepared(sparse, center=False, scale=True)
    np.testing.assert_allclose(made.matrix.toarray(), np.sqrt(3) * np.eye(3))
    with pytest.raises(InputError, match="The matrix is sparse"):
        prepared(sparse, center=True, scale=False)


def test_how_far_sizes_are_apart():
    assert sizes_apart(factorization(np.diag([1e200, 1e190, 1e195]), 1).measurement) == pytest.approx(1e10)
    assert sizes_apart(factorization(scipy.sparse.csr_array(np.diag([4.0, 2.0])), 1).measurement) == pytest.approx(2.0)
    assert sizes_apart(factorization((np.ones((3, 1)), np.ones((2, 1))), 1).measurement) == 1.0


def test_means_and_scales_give_the_matrix_back(tmp_path):
    found = factor(TABLE, 4, center=True, scale=True, steps=100, progress=False)
    assert not any("sizes of the columns" in note for note in found.notes)
    assert (found.summary()["centered"], found.summary()["scaled"]) == (True, True)
    np.testing.assert_allclose(found.approximation(), found.x @ found.y.T * found.scales + found.means)
    with np.load(found.save(tmp_path)["factors"], allow_pickle=False) as factors:
        np.testing.assert_array_equal(factors["means"], TABLE.mean(axis=0))
        np.testing.assert_array_equal(factors["scales"], found.scales)
