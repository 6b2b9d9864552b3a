"""Gradient descent on the penalized objective of Du et al. (2018), Eq. (3)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq

pytestmark = pytest.mark.usefixtures("double")

KEY = jax.random.key(0, impl="threefry2x32")


def _penalized_loss(problem, strength):
    def loss(theta):
        left, right = problem.product_factors(theta)
        return problem.loss(theta) + strength * jnp.sum((left.T @ left - right.T @ right) ** 2)

    return loss


def _point(problem, seed=0):
    generator = np.random.default_rng(seed)
    return tuple(generator.standard_normal(shape) for shape in problem.shapes)


def _problems():
    matrix = np.random.default_rng(1).standard_normal((4, 3))
    deep = eq.problems.DeepLinear((3, 2, 4))
    return {
        "factorization": eq.problems.factorization(matrix, rank=2),
        "sensing": eq.problems.sensing(np.stack([matrix, matrix**2]), [1.0, 2.0], parametrization="asymmetric"),
        "linear network": eq.problems.sensing(np.stack([matrix, matrix**2]), [1.0, 2.0], parametrization=deep),
    }


@pytest.mark.parametrize("name", ["factorization", "sensing", "linear network"])
@pytest.mark.parametrize("strength", [0.125, 2.0])
def test_a_step_descends_the_penalized_loss(name, strength):
    problem = _problems()[name]
    theta = _point(problem)
    method = eq.dynamics.RegularizedGD(step_size=(0.1, 0.3), strength=strength)
    moved, state = method.step(problem, theta, None, KEY, 0)
    assert state is None
    wanted = jax.grad(_penalized_loss(problem, strength))(theta)
    for found, w, size, g in zip(moved, theta, (0.1, 0.3), wanted, strict=True):
        np.testing.assert_allclose(found, w - size * g, rtol=1e-12)


def test_the_default_is_that_of_the_paper():
    assert float(eq.dynamics.RegularizedGD(0.1).strength) == 1 / 8


def test_without_strength_it_is_gradient_descent(problem):
    theta = _point(problem)
    plain, _ = eq.dynamics.GradientDescent(0.1).step(problem, theta, None, KEY, 0)
    found, _ = eq.dynamics.RegularizedGD(0.1, strength=0.0).step(problem, theta, None, KEY, 0)
    for one, other in zip(found, plain, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("strength", [-0.1, np.nan, np.inf])
def test_a_strength_that_is_none_is_told(strength):
    with pytest.raises(eq.InputError, match="must be finite and 0 or greater"):
        eq.dynamics.RegularizedGD(0.1, strength=strength)


def test_it_balances_what_gradient_descent_leaves_unbalanced():
    problem = eq.problems.planted((5, 4), 2, seed=0)
    start = eq.initial.Unbalanced(eq.initial.Gaussian(0.5), 4.0)
    record = eq.Record(every=3000, observables=("loss", "matrix_gap"))
    gaps = []
    for method in (eq.dynamics.GradientDescent(0.1), eq.dynamics.RegularizedGD(0.1)):
        ran = eq.simulate(problem, method, start, seed=0, steps=3000, record=record).dataset
        assert float(ran["loss"][0, -1]) < 1e-20
        gaps.append(float(ran["matrix_gap"][0, -1]))
    assert gaps[0] > 1
    assert gaps[1] < 1e-10
