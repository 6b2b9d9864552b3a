"""The dual point fitted to a matrix."""

import numpy as np
import pytest

from equipoise.certified.fitted_dual import fitted_dual
from equipoise.certified.measurements import Measurements
from equipoise.problems import DenseOperator, Entries


def test_small_and_large_problems_take_the_same_fit(recovery, rectangular):
    for (matrices, _, truth), psd in ((recovery, True), (rectangular, False)):
        measurements = Measurements(DenseOperator(matrices))
        direct = fitted_dual(measurements, truth, psd=psd)
        iterative = fitted_dual(measurements, truth, psd=psd, dense=0)
        np.testing.assert_allclose(iterative, direct, atol=1e-7 * np.abs(direct).max())


def test_the_fit_of_a_fully_seen_matrix_is_its_sign():
    matrix = np.random.default_rng(0).standard_normal((3, 5))
    rows, columns = (part.ravel() for part in np.indices((3, 5)))
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    dual = fitted_dual(Measurements(Entries(rows, columns, (3, 5))), matrix, psd=False)
    np.testing.assert_allclose(dual.reshape(3, 5), left @ right, atol=1e-12)


@pytest.mark.parametrize("psd", [True, False])
def test_the_fit_of_zero_is_zero(psd):
    assert not fitted_dual(Measurements(DenseOperator(np.eye(3)[None])), np.zeros((3, 3)), psd=psd).any()
