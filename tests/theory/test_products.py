"""The smoothed objective of UUᵀ and of products, against all sign patterns, draws, and its special cases."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import DeepLinear, Factored, Full, Symmetric


def covariance(size, seed):
    half = np.random.default_rng(seed).standard_normal((size, size))
    return 0.05 * (half @ half.T + 0.2 * np.eye(size))


def made(parametrization, shape, scale=0.8):
    matrix = np.random.default_rng(5).standard_normal(shape)
    return Factored(Full(eq.problems.Dense(matrix), scale), parametrization)


CASES = {
    "symmetric": (Symmetric(3, 2), (3, 3)),
    "three factors": (DeepLinear((2, 3, 2, 3)), (3, 2)),
}


@pytest.fixture(params=CASES, scope="module")
def case(request):
    """A problem, anisotropic noise for it, and a point."""
    parametrization, shape = CASES[request.param]
    problem = made(parametrization, shape)
    rows = tuple(covariance(d, 10 + i) for i, (d, _) in enumerate(problem.shapes))
    columns = tuple(covariance(k, 20 + i) for i, (_, k) in enumerate(problem.shapes))
    random = np.random.default_rng(1)
    point = tuple(random.standard_normal(shape) for shape in problem.shapes)
    return problem, eq.noise.AnisotropicGaussian(rows, columns), point


def test_loss_gradient_and_hessian_are_the_means_over_draws(case):
    """Each of at most 400 numbers within 5.5 standard errors, for a fixed seed: a false alarm in 60 000 seeds."""
    problem, noise, point = case
    smoothed = eq.theory.smoothed_product(problem, noise)
    count = 4000
    with eq.numerics():
        keys = jax.random.split(jax.random.key(0), count // 2)

        def at(theta):
            return problem.loss(theta), problem.gradient(theta), eq.observables.dense_hessian(problem, theta)

        def pair(key):
            drawn = noise.sample(key, 0, problem.shapes, np.float64)
            both = [at(tuple(w + s * z for w, z in zip(point, drawn, strict=True))) for s in (1, -1)]
            return jax.tree.map(lambda a, b: (a + b) / 2, *both)  # antithetic: odd orders cancel

        sampled = jax.jit(lambda keys: jax.lax.map(pair, keys, batch_size=250))(keys)
        ours = (smoothed.loss(point), smoothed.gradient(point), eq.observables.dense_hessian(smoothed, point))
    for values, expected in zip(jax.tree.leaves(sampled), jax.tree.leaves(ours), strict=True):
        values = np.asarray(values)
        error = values.std(axis=0) / len(values) ** 0.5
        assert np.all(np.abs(values.mean(axis=0) - np.asarray(expected)) < 5.5 * error + 1e-12)
    assert float(ours[0]) - float(problem.loss(point)) > 10 * np.asarray(sampled[0]).std() / len(keys) ** 0.5


def test_two_factors_are_the_factorization_xyt():
    product, pair = made(DeepLinear((4, 2, 3)), (3, 4)), made(DeepLinear((4, 2, 3)), (3, 4)).measurement
    matrix = np.asarray(pair.target.entries)
    noise = eq.noise.Gaussian((0.3, 0.2))
    random = np.random.default_rng(0)
    y, x = random.standard_normal((2, 4)), random.standard_normal((3, 2))
    other = eq.theory.smoothed(eq.problems.factorization(matrix, rank=2, scale=0.8), eq.noise.Gaussian((0.2, 0.3)))
    found = eq.theory.smoothed_product(product, noise)
    assert float(found.loss((y, x))) == pytest.approx(float(other.loss((x, y.T))), rel=1e-12)


def test_isotropic_noise_on_a_symmetric_factor():
    problem, s, (n, d) = made(Symmetric(3, 2), (3, 3)), 0.3, (3, 2)
    u = np.random.default_rng(0).standard_normal((n, d))
    matrix = np.asarray(problem.measurement.target.entries)
    expected = np.sum((u @ u.T - matrix) ** 2) + 2 * s**2 * (n + d + 1) * np.sum(u**2)
    expected += s**4 * n * d * (n + d + 1) - 2 * s**2 * d * np.trace(matrix)
    found = eq.theory.smoothed_product(problem, eq.noise.Gaussian(s)).loss((u,))
    assert float(found) == pytest.approx(0.8 * expected, rel=1e-12)


def test_errors():
    problem = made(Symmetric(3, 2), (3, 3))
    with pytest.raises(eq.InputError, match="fourth moments"):
        eq.theory.smoothed_product(problem, eq.noise.Uniform(0.1))
    with pytest.raises(eq.InputError, match="covariances are for factors"):
        eq.theory.smoothed_product(problem, eq.noise.AnisotropicGaussian((np.eye(2),), (np.eye(2),)))
