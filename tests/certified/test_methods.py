"""Both methods come to the same answer."""

import numpy as np
import pytest

from equipoise.certified.bounds import lower_bound, residual
from equipoise.certified.interior_point import InteriorPoint
from equipoise.certified.measurements import Measurements
from equipoise.certified.method import StalledError
from equipoise.certified.reformulations import Embedded
from equipoise.certified.splitting import Splitting
from equipoise.problems import DenseOperator, Entries


def last(method, steps):
    state = method.start()
    for _ in range(steps):
        try:
            state = method.step(state)
        except StalledError:
            break
    return method.point(state)


def trace_norm(matrix):
    return np.linalg.svd(matrix)[1].sum()


def test_on_symmetric_measurements(scarce):
    matrices, data, _ = scarce
    measurements = Measurements(DenseOperator(matrices))
    few, many = last(InteriorPoint(measurements, data), 12), last(Splitting(measurements, data, psd=True), 600)
    np.testing.assert_allclose(np.trace(few.matrix), np.trace(many.matrix), rtol=1e-6)
    np.testing.assert_allclose(few.matrix, many.matrix, atol=1e-4 * np.abs(few.matrix).max())
    for point in (few, many):
        assert lower_bound(measurements, data, point.dual, psd=True).value > np.trace(point.matrix) * (1 - 1e-6)


@pytest.mark.parametrize("tall", [False, True])
def test_on_rectangular_measurements(rectangular, tall):
    matrices, data, _ = rectangular
    measurements = Measurements(DenseOperator(matrices.transpose(0, 2, 1) if tall else matrices))
    inner = InteriorPoint(Measurements(measurements.operator.symmetric_embedding()), data)
    few = last(Embedded(inner, measurements.shape[0]), 12)
    many = last(Splitting(measurements, data, psd=False), 800)
    np.testing.assert_allclose(trace_norm(few.matrix), trace_norm(many.matrix), rtol=1e-6)
    for point in (few, many):
        assert residual(measurements, data, point.matrix) < 1e-6
        assert lower_bound(measurements, data, point.dual, psd=False).value > trace_norm(point.matrix) * (1 - 1e-6)


def test_on_entries():
    random = np.random.default_rng(5)
    seen = random.choice(12 * 15, 90, replace=False)
    measurements = Measurements(Entries(seen // 15, seen % 15, (12, 15)))
    data = random.standard_normal(90)
    few = last(Embedded(InteriorPoint(Measurements(measurements.operator.symmetric_embedding()), data), 12), 15)
    many = last(Splitting(measurements, data, psd=False), 800)
    np.testing.assert_allclose(trace_norm(few.matrix), trace_norm(many.matrix), rtol=1e-6)


def test_the_dual_point_is_strictly_feasible_at_every_step(scarce):
    matrices, data, _ = scarce
    measurements = Measurements(DenseOperator(matrices))
    method = InteriorPoint(measurements, data)
    state = method.start()
    values = []
    for _ in range(10):
        state = method.step(state)
        assert np.linalg.eigvalsh(measurements.adjoint(state.dual))[-1] < 1
        assert np.linalg.eigvalsh(state.matrix)[0] > 0
        values.append(residual(measurements, data, method.point(state).matrix))
    assert values[-1] < 1e-9 < values[0]
