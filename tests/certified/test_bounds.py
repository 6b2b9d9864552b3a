"""Bounds hold on the safe side of rounding."""

import fractions

import numpy as np
import pytest

from equipoise.certified.bounds import constraint, lower_bound, project, residual
from equipoise.certified.measurements import Measurements
from equipoise.problems import DenseOperator, Entries


def entries(matrix):
    rows, columns = (part.ravel() for part in np.indices(matrix.shape))
    return Measurements(Entries(rows, columns, matrix.shape))


@pytest.mark.parametrize("shape", [(5, 8), (8, 5), (1, 7)])
def test_the_constraint_is_the_spectral_norm(shape):
    matrix = np.random.default_rng(0).standard_normal(shape)
    level, at_most = constraint(entries(matrix), matrix.ravel(), psd=False)
    np.testing.assert_allclose(level, np.linalg.norm(matrix, 2), rtol=1e-13)
    assert level <= at_most <= level * (1 + 1e-12)


def test_the_spectral_norm_of_orthogonal_matrices_is_one():
    """LAPACK's search for one eigenvalue among equal ones gives up on some of them."""
    for seed in range(30):
        for size in (6, 10):
            matrix = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]
            level, at_most = constraint(entries(matrix), matrix.ravel(), psd=False)
            np.testing.assert_allclose(level, 1, rtol=1e-13)
            assert level <= at_most <= 1 + 1e-12


def test_a_bound_is_not_above_the_exact_one():
    # A*(ν) = diag(ν), so that the exact bound is Σ yᵢ νᵢ / max ν, in rational arithmetic
    random = np.random.default_rng(1)
    each = np.arange(30)
    measurements = Measurements(Entries(each, each, (30, 30), symmetric=True))
    for _ in range(20):
        data, dual = np.abs(random.standard_normal((2, 30))) * 10.0 ** random.integers(-8, 8, 30)
        exact = sum(map(fractions.Fraction.__mul__, map(fractions.Fraction, data), map(fractions.Fraction, dual)))
        exact /= fractions.Fraction(float(dual.max()))
        bound = lower_bound(measurements, data, dual, psd=True)
        assert fractions.Fraction(bound.value) <= exact
        assert bound.value > float(exact) * (1 - 1e-11)
        assert constraint(measurements, bound.dual, psd=True)[0] <= 1


def test_a_useless_dual_point_gives_zero():
    measurements = Measurements(DenseOperator(np.eye(3)[None]))
    bound = lower_bound(measurements, np.array([1.0]), np.array([-1.0]), psd=True)
    assert bound.value == 0
    assert not bound.dual.any()


def test_a_direction_into_the_cone_excludes_every_solution():
    measurements = Measurements(DenseOperator(np.eye(3)[None]))
    assert lower_bound(measurements, np.array([-1.0]), np.array([-1.0]), psd=True).value == np.inf


def test_a_projection_satisfies_the_measurements_and_is_the_nearest(rectangular):
    matrices, data, _ = rectangular
    measurements = Measurements(DenseOperator(matrices))
    start = np.random.default_rng(2).standard_normal(measurements.shape)
    projected = project(measurements, data, start)
    assert residual(measurements, data, projected) < 1e-15
    # the change is in the range of A*
    change = (projected - start).ravel()
    coefficients = np.linalg.lstsq(matrices.reshape(len(matrices), -1).T, change)[0]
    np.testing.assert_allclose(matrices.reshape(len(matrices), -1).T @ coefficients, change, atol=1e-12)
