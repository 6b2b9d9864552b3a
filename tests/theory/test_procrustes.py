"""The way from a point to the nearest balanced optimum, and the curvature along it: Du et al. (2018), Appendix B.3."""

import numpy as np
import pytest

import equipoise as eq


@pytest.fixture(scope="module")
def problem():
    return eq.problems.planted((5, 4), 3, values=[3.0, 2.0, 1.0], seed=0)


def test_it_is_the_procrustes_distance(problem):
    random = np.random.default_rng(0)
    theta = tuple(random.standard_normal(shape) for shape in problem.shapes)
    away = eq.theory.from_nearest_optimum(problem.signal, theta)
    wanted = float(eq.evaluate(problem, theta, ("distance",))["distance"])
    assert np.sqrt(sum(np.sum(w**2) for w in away)) == pytest.approx(wanted, rel=1e-12)


def test_it_is_nothing_at_a_turned_optimum(problem):
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    away = eq.theory.from_nearest_optimum(problem.signal, tuple(w @ turn for w in problem.signal.factors()))
    assert all(np.max(np.abs(w)) < 1e-14 for w in away)


def test_other_columns_are_told(problem):
    with pytest.raises(eq.InputError, match="shapes"):
        eq.theory.from_nearest_optimum(problem.signal, tuple(w[:, :2] for w in problem.signal.factors()))
