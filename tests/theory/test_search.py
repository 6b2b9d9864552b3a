"""The search finds stationary points of every kind, and says when it did not."""

import numpy as np
import pytest

import equipoise as eq


def test_the_valley_has_a_line_of_minima_and_one_saddle():
    """(1 − xy)²: xy = 1, or the origin with λmin = −2."""
    problem = eq.problems.valley()
    random = np.random.default_rng(0)
    starts = tuple(random.standard_normal((200, 1, 1)) for _ in range(2))
    found = eq.theory.find_stationary_points(problem, starts)
    x, y = (w[:, 0, 0] for w in found.theta)
    assert np.all(found.gradient_norm < 1e-12)
    on_line, at_origin = abs(x * y - 1) < 1e-10, np.hypot(x, y) < 1e-10
    assert np.all(on_line ^ at_origin)
    assert on_line.any()
    assert at_origin.any()
    smallest = eq.theory.hessian_eigenvalues(problem, found.theta)[:, 0]
    np.testing.assert_allclose(smallest[at_origin], -2, rtol=1e-12)
    np.testing.assert_allclose(smallest[on_line], 0, atol=1e-10)


def test_no_iterations_leave_the_starts():
    problem = eq.problems.planted((4, 3), 2, seed=1)
    starts = tuple(np.ones((3, *shape)) for shape in problem.shapes)
    found = eq.theory.find_stationary_points(problem, starts, iterations=0)
    for given, ended in zip(starts, found.theta, strict=True):
        np.testing.assert_array_equal(given, ended)
    np.testing.assert_allclose(found.gradient_norm, eq.theory.gradient_norms(problem, starts))
    assert np.all(found.gradient_norm > 0.1)


def test_batches_agree_with_single_points():
    problem = eq.problems.planted((4, 3), 2, seed=1)
    random = np.random.default_rng(2)
    points = tuple(random.standard_normal((3, *shape)) for shape in problem.shapes)
    norms, spectra = eq.theory.gradient_norms(problem, points), eq.theory.hessian_eigenvalues(problem, points)
    for i in range(3):
        theta = tuple(w[i] for w in points)
        gradient = np.concatenate([np.ravel(g) for g in problem.gradient(theta)])
        assert norms[i] == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
        hessian = np.asarray(eq.observables.dense_hessian(problem, theta))
        np.testing.assert_allclose(spectra[i], np.linalg.eigvalsh(hessian), atol=1e-12)


def test_errors():
    problem = eq.problems.planted((4, 3), 2)
    one = tuple(np.ones(shape) for shape in problem.shapes)
    uneven = (np.ones((3, 4, 2)), np.ones((2, 3, 2)))
    for points in (one, uneven):
        with pytest.raises(eq.InputError, match="one leading axis"):
            eq.theory.find_stationary_points(problem, points)
    none = tuple(np.ones((0, *shape)) for shape in problem.shapes)
    for function in (eq.theory.find_stationary_points, eq.theory.gradient_norms, eq.theory.hessian_eigenvalues):
        with pytest.raises(eq.InputError, match="at least one"):
            function(problem, none)
