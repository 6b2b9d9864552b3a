"""Gauss-Newton leads to psd matrices that satisfy the measurements."""

import numpy as np

from equipoise.certified.feasible import ACCEPTED, feasible
from equipoise.certified.measurements import Measurements
from equipoise.problems import DenseOperator


def test_a_perturbed_solution_is_mended(recovery, scarce):
    for matrices, data, truth in (recovery, scarce):
        measurements = Measurements(DenseOperator(matrices))
        noise = np.random.default_rng(0).standard_normal(truth.shape)
        start = truth + 1e-3 * (noise + noise.T)
        rank = int(np.linalg.matrix_rank(truth))
        for dense in (30_000_000, 0):
            found = feasible(measurements, data, start, [rank], dense=dense)
            assert np.linalg.norm(measurements.apply(found.matrix) - data) <= ACCEPTED * np.linalg.norm(data)
            assert np.linalg.eigvalsh(found.matrix)[0] > -1e-13 * np.trace(truth)
            assert np.linalg.matrix_rank(found.matrix, tol=1e-9) == rank
            np.testing.assert_allclose(found.value, np.trace(found.matrix))
            np.testing.assert_allclose(found.matrix, truth, atol=0.05)


def test_where_there_is_no_solution_the_bound_is_infinite():
    found = feasible(Measurements(DenseOperator(np.eye(3)[None])), np.array([-1.0]), np.eye(3), [1, 3])
    assert found.value == np.inf
    assert found.matrix.shape == (3, 3)
