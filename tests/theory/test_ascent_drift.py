"""How sharpness-aware steps move the balance, against steps."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.theory import sharpness_aware_drift

RADIUS = 0.1


def _case(seed):
    random = np.random.default_rng(seed)
    problem = eq.problems.factorization(random.standard_normal((3, 3)), rank=2)
    return problem, tuple(random.standard_normal(shape) for shape in problem.shapes)


def _difference(theta):
    return float(np.sum(np.square(theta[0])) - np.sum(np.square(theta[1])))


def test_it_is_what_a_step_does(double):
    """To the last digits, if what is of second order in η is added."""
    problem, theta = _case(0)
    eta = 1e-3
    method = eq.dynamics.SharpnessAware(eq.dynamics.GradientDescent(eta), RADIUS)
    moved, _ = method.step(problem, theta, None, jax.random.key(0), 0)
    steps = [np.sum(np.square(np.asarray(a) - w)) for a, w in zip(moved, theta, strict=True)]
    wanted = eta * sharpness_aware_drift(problem, theta, RADIUS).exact + steps[0] - steps[1]
    assert _difference(moved) - _difference(theta) == pytest.approx(wanted, rel=1e-9)


def test_the_first_order_is_the_limit_of_small_radii():
    problem, theta = _case(0)
    drifts = [sharpness_aware_drift(problem, theta, radius) for radius in (1e-3, 1e-4)]
    off = [abs(d.exact / d.first_order - 1) for d in drifts]
    assert off[0] < 0.1
    assert off[0] / off[1] == pytest.approx(10, rel=0.1)


def test_the_first_order_may_have_the_wrong_sign(double):
    """Near a minimum and near balance, where ρ = 0.1 is as large as the distance from the minimum."""
    random = np.random.default_rng(138)
    minimum = [random.standard_normal((3, 2)) for _ in range(2)]
    theta = tuple(w + 0.1 * random.standard_normal(w.shape) for w in minimum)
    problem = eq.problems.factorization(minimum[0] @ minimum[1].T, rank=2)
    drift, eta = sharpness_aware_drift(problem, theta, RADIUS), 1e-6
    method = eq.dynamics.SharpnessAware(eq.dynamics.GradientDescent(eta), RADIUS)
    moved, _ = method.step(problem, theta, None, jax.random.key(0), 0)
    simulated = (_difference(moved) - _difference(theta)) / eta
    assert simulated < -0.01
    assert drift.exact == pytest.approx(simulated, rel=1e-3)
    assert drift.first_order > 0.002


def test_nothing_moves_at_a_stationary_point():
    problem, theta = _case(0)
    assert sharpness_aware_drift(problem, tuple(np.zeros_like(w) for w in theta), RADIUS) == (0, 0)


def test_errors():
    problem, theta = _case(0)
    with pytest.raises(eq.InputError, match="radius is 0"):
        sharpness_aware_drift(problem, theta, 0)
    with pytest.raises(eq.InputError, match="the problem has 1"):
        sharpness_aware_drift(eq.problems.custom(lambda t: t[0].sum(), [(2,)]), (np.ones(2),), 0.1)
