"""Scaled gradient descent: its formula, the changes of basis it does not see, and its pace."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.dynamics import GradientDescent, ScaledGD

pytestmark = pytest.mark.usefixtures("double")

GENERATOR = np.random.default_rng(8)
TARGET = GENERATOR.standard_normal((4, 3))
PROBLEM = eq.problems.factorization(TARGET, rank=2)
X, Y = (GENERATOR.standard_normal(shape) for shape in PROBLEM.shapes)
KEY = jax.random.key(0)


def _step(method, theta, problem=PROBLEM):
    return [np.asarray(w) for w in method.step(problem, theta, None, KEY, 0)[0]]


@pytest.mark.parametrize("damping", [0.0, 0.3])
def test_a_step_is_as_in_the_papers(damping):
    residual, add = X @ Y.T - TARGET, damping * np.eye(2)
    x, y = _step(ScaledGD((0.2, 0.4), damping), (X, Y))
    np.testing.assert_allclose(x, X - 0.2 * residual @ Y @ np.linalg.inv(Y.T @ Y + add), rtol=1e-11)
    np.testing.assert_allclose(y, Y - 0.4 * residual.T @ X @ np.linalg.inv(X.T @ X + add), rtol=1e-11)


def test_a_step_on_one_factor_used_twice():
    matrices, u = GENERATOR.standard_normal((5, 3, 3)), GENERATOR.standard_normal((3, 2))
    problem = eq.problems.sensing(matrices, np.ones(5), width=2)
    (found,) = _step(ScaledGD(0.2), (u,), problem)
    gradient = np.asarray(problem.gradient((u,))[0])
    np.testing.assert_allclose(found, u - 0.2 * gradient @ np.linalg.inv(u.T @ u), rtol=1e-11)


def test_a_step_on_a_linear_network_is_that_on_its_factors():
    matrices, data = TARGET.reshape(1, 4, 3), np.ones(1)
    pair = eq.problems.sensing(matrices, data, parametrization="asymmetric", width=2)
    deep = eq.problems.sensing(matrices, data, parametrization=eq.problems.DeepLinear((3, 2, 4)))
    x, y = _step(ScaledGD(0.2, 0.1), (X, Y), pair)
    first, second = _step(ScaledGD(0.2, 0.1), (Y.T, X), deep)
    np.testing.assert_allclose(second, x, rtol=1e-11)
    np.testing.assert_allclose(first.T, y, rtol=1e-11)


def test_without_damping_it_does_not_see_the_factors_of_a_product():
    change = np.array([[2.0, 1.0], [0.0, 0.3]])
    for method, blind in ((ScaledGD(0.3), True), (GradientDescent(0.3), False)):
        x, y = _step(method, (X, Y))
        other = _step(method, (X @ change, Y @ np.linalg.inv(change).T))
        assert np.allclose(other[0] @ other[1].T, x @ y.T, rtol=1e-10) == blind


def test_its_pace_does_not_depend_on_the_condition_number():
    """From near the minimum each step takes the same share of the misfit, whatever the singular values."""
    steps, left = 10, []
    for ratio in (1.0, 100.0):
        target = np.diag([1.0, 1.0 / ratio, 0.0])
        problem = eq.problems.factorization(target, rank=2)
        root = np.sqrt(np.diag([1.0, 1.0 / ratio, 0.0]))[:, :2]
        start = eq.initial.Given((root * 1.1, root))
        run = eq.simulate(problem, ScaledGD(0.3), start, seed=0, steps=steps, record=eq.Record(every=steps))
        loss = run.dataset["loss"].values[0]
        left.append(np.sqrt(loss[-1] / loss[0]))
    assert left[0] == pytest.approx(left[1], rel=1e-6)
    assert left[0] < 0.7**steps


def test_impossible_settings_are_refused():
    with pytest.raises(eq.InputError, match="damping is -1"):
        ScaledGD(0.1, damping=-1)
    with pytest.raises(eq.InputError, match=r"^ScaledGD moves two factors, but the problem has 3 factors"):
        ScaledGD(0.1).check(
            eq.problems.sensing(np.ones((1, 3, 3)), [1.0], parametrization=eq.problems.DeepLinear((3, 2, 2, 3)))
        )
