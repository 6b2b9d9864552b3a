"""One step of each method against its formula in NumPy."""

import jax
import numpy as np
import pytest

import equipoise as eq

pytestmark = pytest.mark.usefixtures("double")

KEY = jax.random.key(3, impl="threefry2x32")


@pytest.fixture
def theta(problem):
    generator = np.random.default_rng(0)
    return tuple(generator.standard_normal(shape) for shape in problem.shapes)


def _residual(x, y, target):
    return x @ y.T - target


def test_gradient_descent(problem, target, theta):
    x, y = theta
    residual = _residual(x, y, target)
    (moved_x, moved_y), state = eq.dynamics.GradientDescent((0.1, 0.3)).step(problem, theta, None, KEY, 0)
    assert state is None
    np.testing.assert_allclose(moved_x, x - 0.1 * residual @ y, rtol=1e-13)
    np.testing.assert_allclose(moved_y, y - 0.3 * residual.T @ x, rtol=1e-13)


def test_perturbed_gradient_descent(problem, target, theta):
    """Liu et al. (2021), Algorithm 1: both gradients at the same perturbed point, the step from the unperturbed one."""
    noise = eq.noise.Gaussian(std=(0.5, 0.2))
    first, second = (np.asarray(z) for z in noise.sample(KEY, 0, problem.shapes, np.float64))
    x, y = theta[0] + first, theta[1] + second
    residual = _residual(x, y, target)
    moved, _ = eq.dynamics.PerturbedGD((0.1, 0.3), noise).step(problem, theta, None, KEY, 0)
    np.testing.assert_allclose(moved[0], theta[0] - 0.1 * residual @ y, rtol=1e-13)
    np.testing.assert_allclose(moved[1], theta[1] - 0.3 * residual.T @ x, rtol=1e-13)
    sequential = theta[1] - 0.3 * _residual(moved[0] + first, y, target).T @ (moved[0] + first)
    assert np.max(np.abs(moved[1] - sequential)) > 0.1


def test_step_size_and_noise_follow_the_step(problem, target, theta):
    noise = eq.noise.Gaussian(std=lambda step: 0.1 * step)
    method = eq.dynamics.PerturbedGD(lambda step: 0.1 / (1 + step), noise)
    still, _ = method.step(problem, theta, None, KEY, 0)
    for found, w, g in zip(still, theta, problem.gradient(theta), strict=True):
        np.testing.assert_allclose(found, w - 0.1 * g, rtol=1e-13)
    later, _ = method.step(problem, theta, None, KEY, 4)
    drawn = noise.sample(KEY, 4, problem.shapes, np.float64)
    perturbed = tuple(w + z for w, z in zip(theta, drawn, strict=True))
    for found, w, g in zip(later, theta, problem.gradient(perturbed), strict=True):
        np.testing.assert_allclose(found, w - 0.02 * g, rtol=1e-13)


@pytest.mark.parametrize("step_size", [0.0, -0.1, np.nan, (0.1, 0.0), lambda step: -1.0])
@pytest.mark.parametrize(
    "make", [eq.dynamics.GradientDescent, lambda size: eq.dynamics.PerturbedGD(size, eq.noise.Gaussian(std=0.1))]
)
def test_step_sizes_out_of_range(make, step_size):
    with pytest.raises(eq.InputError, match=r"^step_size.* is .*; it must be finite and greater than 0\.$"):
        make(step_size)
