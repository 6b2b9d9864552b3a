"""Losses and gradients: three forms of one matrix agree with each other, with autodiff and with differences."""

from fractions import Fraction

import jax
import numpy as np
import pytest

import equipoise as eq

pytestmark = pytest.mark.usefixtures("double")

PENALTIES = (np.array([[0.3, 0.1], [0.1, 0.2]]), np.array([[0.1, 0.0], [0.0, 0.4]]))


def _penalized(matrix):
    return eq.problems.Penalized(eq.problems.factorization(matrix, rank=2), PENALTIES, np.asarray(0.5))


def _slope(problem, theta, direction):
    """The derivative along `direction` by the stencil of five points, which is exact for a quartic but for rounding."""
    values = [
        float(problem.loss(tuple(w + k * d for w, d in zip(theta, direction, strict=True)))) for k in (-2, -1, 1, 2)
    ]
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / 12


def _check(problem, theta, point):
    gradient = problem.gradient(theta)
    for found, wanted in zip(gradient, jax.grad(problem.loss)(theta), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    for seed in range(3):
        direction = point(problem, seed + 100, size=0.1)
        along = sum(float(np.sum(g * d)) for g, d in zip(gradient, direction, strict=True))
        assert along == pytest.approx(_slope(problem, theta, direction), rel=1e-10, abs=1e-11)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("rank", [1, 3])
def test_gradient_is_the_derivative_of_the_loss(in_form, point, rank, scale):
    problem = in_form(rank, scale=scale)
    _check(problem, point(problem), point)


def test_gradient_of_the_penalized_problem(form, point):
    problem = _penalized(form)
    _check(problem, point(problem), point)


def test_gradient_of_the_valley(point):
    problem = eq.problems.valley()
    _check(problem, point(problem), point)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_loss_is_the_squared_norm_of_the_residual(in_form, matrix, point, scale):
    problem = in_form(scale=scale)
    x, y = point(problem)
    residual = x @ y.T - matrix
    np.testing.assert_allclose(problem.loss((x, y)), scale * np.sum(residual**2), rtol=1e-13)
    np.testing.assert_allclose(
        problem.relative_error((x, y)), np.linalg.norm(residual) / np.linalg.norm(matrix), rtol=1e-13
    )
    for found, wanted in zip(problem.gradient((x, y)), (residual @ y, residual.T @ x), strict=True):
        np.testing.assert_allclose(found, 2 * scale * wanted, rtol=1e-12, atol=1e-12)


def test_penalties_are_added(matrix, point):
    problem = _penalized(matrix)
    x, y = point(problem)
    wanted = 0.5 * np.sum((x @ y.T - matrix) ** 2) + 0.5
    wanted += 0.5 * np.trace(x @ PENALTIES[0] @ x.T) + 0.5 * np.trace(y @ PENALTIES[1] @ y.T)
    np.testing.assert_allclose(problem.loss((x, y)), wanted, rtol=1e-13)
    bare = eq.problems.factorization(matrix, rank=2)
    np.testing.assert_allclose(problem.relative_error((x, y)), bare.relative_error((x, y)), rtol=1e-13)


def _exact_squared_distance(left, right, target):
    """‖LRᵀ − W‖²_F of these very floating-point numbers, in rational arithmetic."""
    total = Fraction(0)
    for i, j in np.ndindex(target.shape):
        entry = sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(left[i], right[j], strict=True))
        total += (entry - target[i, j]) ** 2
    return total


def _rationals(matrix):
    return np.vectorize(lambda entry: Fraction(float(entry)), otypes=[object])(matrix)


def _near_optimum(distance):
    generator = np.random.default_rng(5)
    left, right = generator.standard_normal((6, 2)), generator.standard_normal((5, 2))
    x, y = (side + distance * generator.standard_normal(side.shape) for side in (left, right))
    return left, right, x, y


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9])
def test_factored_loss_does_not_cancel_near_the_optimum(distance):
    """From Gram matrices the loss would be off by ε‖M‖² ~ 1e-15, a thousand times the loss at distance 1e-9."""
    left, right, x, y = _near_optimum(distance)
    exact = _exact_squared_distance(x, y, _rationals(left) @ _rationals(right).T)
    found = eq.problems.factorization((left, right), rank=2, scale=1.0).loss((x, y))
    assert float(found) == pytest.approx(float(exact), rel=1e-14 / distance)


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9])
def test_dense_loss_does_not_cancel_near_the_optimum(distance):
    left, right, x, y = _near_optimum(distance)
    matrix = left @ right.T
    exact = _exact_squared_distance(x, y, _rationals(matrix))
    found = eq.problems.factorization(matrix, rank=2, scale=1.0).loss((x, y))
    assert float(found) == pytest.approx(float(exact), rel=1e-14 / distance)


def test_factored_loss_at_the_optimum_is_rounding_squared():
    left, right, _, _ = _near_optimum(0.0)
    problem = eq.problems.factorization((left, right), rank=2)
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((2, 2)))[0]
    for theta in ((left, right), (left @ turn, right @ turn), (3 * left, right / 3)):
        assert 0 <= float(problem.loss(theta)) < 1e-29 * np.sum((left @ right.T) ** 2)


def test_sparse_loss_is_exact_to_rounding_of_the_product():
    left, right, x, y = _near_optimum(1e-9)
    matrix = left @ right.T
    matrix[np.random.default_rng(2).random(matrix.shape) < 0.5] = 0.0
    problem = eq.problems.factorization(_sparse(matrix), rank=2, scale=1.0)
    size = np.sum((x @ y.T) ** 2)
    exact = float(_exact_squared_distance(x, y, _rationals(matrix)))
    assert abs(float(problem.loss((x, y))) - exact) < 1e-14 * size
    whole = eq.problems.factorization(_sparse(left @ right.T), rank=2, scale=1.0)
    assert 0 <= float(whole.loss((left, right))) < 1e-14 * size


def _sparse(matrix):
    import scipy.sparse

    return scipy.sparse.csr_array(matrix)
