"""The smoothed objective of some entries and of other measurements: the mean over noise, exactly."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.theory import smoothed, smoothed_measurements

RANDOM = np.random.default_rng(2)
STDS = (0.3, 0.5)
NOISE = eq.noise.Gaussian(std=STDS)
SEEN = (np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([1.0, -0.5, 2.0]))
PROBLEMS = {
    "entries": eq.problems.completion(SEEN, shape=(2, 2), width=2, scale=0.7),
    "measurements": eq.problems.sensing(RANDOM.standard_normal((3, 2, 2)), np.ones(3), parametrization="asymmetric"),
}
POINT = tuple(RANDOM.standard_normal((2, 2)) for _ in range(2))


def _patterns():
    """Every ξ with entries ±s: their moments up to the second are those of the noise."""
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=8))).reshape(-1, 2, 2, 2)
    return tuple(std * signs[:, number] for number, std in enumerate(STDS))


@pytest.mark.parametrize("name", PROBLEMS)
def test_it_is_the_mean_over_all_sign_patterns(name, double):
    problem, ours = PROBLEMS[name], smoothed_measurements(PROBLEMS[name], NOISE)
    points = tuple(w + z for w, z in zip(POINT, _patterns(), strict=True))
    losses = jax.vmap(problem.loss)(points)
    assert float(ours.loss(POINT)) == pytest.approx(float(np.mean(losses)), rel=1e-12)
    assert float(np.mean(losses)) > 1.05 * float(problem.loss(POINT))
    for found, each in zip(ours.gradient(POINT), jax.vmap(problem.gradient)(points), strict=True):
        np.testing.assert_allclose(found, np.mean(each, axis=0), rtol=1e-10)


def test_its_gradient_is_its_derivative(double):
    ours = smoothed_measurements(PROBLEMS["measurements"], NOISE)
    for found, derived in zip(ours.gradient(POINT), jax.grad(ours.loss)(tuple(map(jnp.asarray, POINT))), strict=True):
        np.testing.assert_allclose(found, derived, rtol=1e-11)


def test_with_all_entries_it_is_that_of_the_whole_matrix():
    matrix = RANDOM.standard_normal((2, 2))
    rows, columns = np.indices((2, 2)).reshape(2, -1)
    every = eq.problems.completion((rows, columns, matrix.ravel()), shape=(2, 2), width=2, scale=0.5)
    ours = smoothed_measurements(every, NOISE).loss(POINT)
    whole = smoothed(eq.problems.factorization(matrix, rank=2), NOISE).loss(POINT)
    assert float(ours) == pytest.approx(float(whole), rel=1e-12)


def test_what_has_no_closed_form_is_refused():
    with pytest.raises(eq.InputError, match=r"make the problem with problems\.completion"):
        smoothed_measurements(eq.problems.valley(), NOISE)
    rows = tuple(np.eye(2) for _ in range(2))
    with pytest.raises(eq.InputError, match="independent rows"):
        smoothed_measurements(PROBLEMS["entries"], eq.noise.AnisotropicGaussian(rows, rows))
