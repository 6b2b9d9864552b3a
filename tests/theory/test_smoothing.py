"""The smoothed objective is the mean of the objective under noise."""

import itertools

import jax
import numpy as np
import optax
import pytest

import equipoise as eq


def sign_patterns(problem, noise, theta):
    """θ + ξ for every ξ = C^½ Z K^½ with entries ±1 of Z.

    Their moments up to the second, which is all that F̃ depends on, are those of the noise itself, so that the mean over
    all of them is no estimate.
    """
    sizes = [int(np.prod(shape)) for shape in problem.shapes]
    for signs in itertools.product((-1.0, 1.0), repeat=sum(sizes)):
        parts = np.split(np.array(signs), np.cumsum(sizes)[:-1])
        z = (part.reshape(shape) for part, shape in zip(parts, problem.shapes, strict=True))
        triples = zip(theta, noise.row_roots, z, noise.column_roots, strict=True)
        yield tuple(w + c @ s @ k for w, c, s, k in triples)


def test_it_is_the_mean_over_all_sign_patterns(small_problem, anisotropic, point):
    points = list(sign_patterns(small_problem, anisotropic, point))
    matrix = np.asarray(small_problem.measurement.target.entries)
    losses = [0.8 * np.sum((x @ y.T - matrix) ** 2) for x, y in points]
    smoothed = eq.theory.smoothed(small_problem, anisotropic)
    assert float(smoothed.loss(point)) == pytest.approx(np.mean(losses), rel=1e-12)
    assert abs(np.mean(losses) - float(small_problem.loss(point))) > 0.1  # the noise matters here


def test_its_gradient_is_the_mean_gradient(small_problem, anisotropic, point):
    """Which is what Perturbed GD takes its steps by."""
    points = list(sign_patterns(small_problem, anisotropic, point))
    matrix = np.asarray(small_problem.measurement.target.entries)
    mean = [
        np.mean([1.6 * (x @ y.T - matrix) @ y for x, y in points], axis=0),
        np.mean([1.6 * (x @ y.T - matrix).T @ x for x, y in points], axis=0),
    ]
    for ours, averaged in zip(eq.theory.smoothed(small_problem, anisotropic).gradient(point), mean, strict=True):
        np.testing.assert_allclose(ours, averaged, rtol=1e-11)


def test_gradient_against_autodiff_and_differences(small_problem, anisotropic, point, double):
    smoothed = eq.theory.smoothed(small_problem, anisotropic)
    gradient = smoothed.gradient(point)
    for ours, derived in zip(gradient, jax.grad(smoothed.loss)(tuple(map(jax.numpy.asarray, point))), strict=True):
        np.testing.assert_allclose(ours, derived, rtol=1e-11)
    random, h = np.random.default_rng(1), 1e-4
    for _ in range(5):
        direction = tuple(random.standard_normal(w.shape) for w in point)
        ahead, behind = (
            float(smoothed.loss(tuple(w + s * h * d for w, d in zip(point, direction, strict=True)))) for s in (1, -1)
        )
        slope = sum(float(np.sum(np.asarray(g) * d)) for g, d in zip(gradient, direction, strict=True))
        assert (ahead - behind) / (2 * h) == pytest.approx(slope, rel=1e-6)


def test_isotropic_noise_gives_the_formula_of_the_paper():
    """F + (d2 s2²/2)‖X‖² + (d1 s1²/2)‖Y‖² + r d1 d2 s1² s2²/2, Liu et al. (2021), after Eq. (3)."""
    problem = eq.problems.planted((6, 4), 2, values=(2.0, 1.0), seed=5)
    d1, d2, r, s1, s2 = 6, 4, 2, 0.3, 0.2
    random = np.random.default_rng(0)
    x, y = random.standard_normal((d1, r)), random.standard_normal((d2, r))
    penalties = 0.5 * d2 * s2**2 * np.sum(x**2) + 0.5 * d1 * s1**2 * np.sum(y**2)
    expected = float(problem.loss((x, y))) + penalties + 0.5 * r * d1 * d2 * s1**2 * s2**2
    smoothed = eq.theory.smoothed(problem, eq.noise.Gaussian(std=(s1, s2)))
    assert float(smoothed.loss((x, y))) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "noise",
    [
        eq.noise.Gaussian(std=(0.3, 0.5)),
        eq.noise.Uniform(std=(0.5, 0.3)),
        eq.noise.StudentT(scale=(0.3, 0.4), degrees_of_freedom=9.0),
    ],
    ids=["Gaussian", "uniform", "Student t"],
)
def test_it_is_the_mean_over_draws(small_problem, point, noise):
    """Within 5 standard errors, and the smoothing is at least 10 of them; false alarms: 3 x 5.7e-7, fixed seed."""
    expected = float(eq.theory.smoothed(small_problem, noise).loss(point))
    mean, error = eq.theory.sampled_mean(small_problem, noise, point, samples=20_000, seed=3)
    assert abs(mean - expected) < 5 * error
    assert expected - float(small_problem.loss(point)) > 10 * error


def test_draws_depend_on_the_seed_alone(small_problem, anisotropic, point):
    first, again, other = (
        eq.theory.sampled_mean(small_problem, anisotropic, point, samples=600, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_a_schedule_is_read_at_the_step(small_problem, point):
    fading = eq.noise.Gaussian(std=optax.linear_schedule(0.4, 0.0, 10))
    for step, std in ((0, 0.4), (5, 0.2), (10, 0.0)):
        steady = eq.theory.smoothed(small_problem, eq.noise.Gaussian(std=std)).loss(point)
        assert float(eq.theory.smoothed(small_problem, fading, step).loss(point)) == pytest.approx(float(steady))


def test_no_noise_changes_nothing(small_problem, point):
    smoothed = eq.theory.smoothed(small_problem, eq.noise.Gaussian(std=0.0))
    assert float(smoothed.loss(point)) == float(small_problem.loss(point))


def test_errors(small_problem, anisotropic, point):
    with pytest.raises(eq.InputError, match="infinite second moments"):
        eq.theory.smoothed(small_problem, eq.noise.StudentT(scale=0.1, degrees_of_freedom=2.0))
    already = eq.theory.smoothed(small_problem, anisotropic)
    with pytest.raises(eq.InputError, match="closed form only for a factorization"):
        eq.theory.smoothed(already, anisotropic)
    with pytest.raises(eq.InputError, match="covariances are for factors"):
        eq.theory.smoothed(eq.problems.planted((4, 3), 2), anisotropic)
    with pytest.raises(eq.InputError, match="samples is 1"):
        eq.theory.sampled_mean(small_problem, anisotropic, point, samples=1, seed=0)
