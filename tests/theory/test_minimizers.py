"""The smoothed objective is stationary where the closed forms say, and least where they say."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import equipoise as eq

SHAPE, VALUES = (5, 4), (2.0, 1.5, 1.0)


@pytest.fixture(scope="module")
def problem():
    return eq.problems.planted(SHAPE, 3, values=VALUES, seed=1)


def noise_of(gamma, level):
    """γ-balanced noise whose threshold is `level`."""
    return eq.noise.balanced(gamma, (level / gamma / SHAPE[1]) ** 0.5, SHAPE)


def uneven(rank, seed, size):
    """Noise with different covariances for every direction of either factor."""
    random = np.random.default_rng(seed)
    columns = tuple(size * (h @ h.T / rank + 0.3 * np.eye(rank)) for h in random.standard_normal((2, rank, rank)))
    return eq.noise.AnisotropicGaussian(tuple(np.eye(d) / d for d in SHAPE), columns)


def alone(theta):
    return tuple(w[None] for w in theta)


@settings(max_examples=15)
@given(gamma=st.floats(0.25, 4), level=st.floats(0.02, 0.9))
def test_isotropic_minimum(problem, gamma, level):
    """Stationary, without a direction down, of balance γ, each singular value lowered by √(ab)."""
    noise = noise_of(gamma, level)
    smoothed = eq.theory.smoothed(problem, noise)
    x, y = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    assert eq.theory.gradient_norms(smoothed, alone((x, y)))[0] < 1e-10
    eigenvalues = eq.theory.hessian_eigenvalues(smoothed, alone((x, y)))[0]
    assert eigenvalues[0] > -1e-10
    np.testing.assert_allclose(x.T @ x, gamma**2 * y.T @ y, atol=1e-12)
    values = np.linalg.svd(x @ y.T, compute_uv=False)
    np.testing.assert_allclose(values[:3], np.array(VALUES) - level, rtol=1e-10)
    lowered = eq.theory.smoothed_signal(problem.signal, noise, problem.shapes)
    for ours, expected in zip((x, y), lowered.factors(gamma), strict=True):
        np.testing.assert_allclose(ours @ ours.T, expected @ expected.T, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_uneven_minimum_is_where_descents_from_random_starts_end(problem, seed):
    """With anisotropic noise: σᵢ(M) − tᵢ, the smallest threshold for the largest singular value."""
    noise = uneven(3, seed, 0.3)
    smoothed = eq.theory.smoothed(problem, noise)
    optimum = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    run = eq.simulate(
        smoothed,
        eq.dynamics.GradientDescent(0.1),
        eq.initial.Gaussian(0.5),
        seed=seed,
        replicates=12,
        steps=20_000,
        record=eq.Record(every=20_000, observables=("loss",)),
        progress=False,
    )
    losses = run.dataset["loss"].isel(step=-1).values
    assert losses.min() == pytest.approx(float(smoothed.loss(optimum)), rel=1e-10)
    best = tuple(w[np.argmin(losses)] for w in run.theta)
    np.testing.assert_allclose(best[0] @ best[1].T, optimum[0] @ optimum[1].T, atol=1e-6)
    lowered = np.array(VALUES) - eq.theory.thresholds(noise, problem.shapes)
    np.testing.assert_allclose(np.linalg.svd(optimum[0] @ optimum[1].T, compute_uv=False)[:3], lowered, rtol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_uneven_minimum_is_stationary_and_balanced_by_the_noise(problem, seed):
    """∇F̃ = 0, Hessian ≥ 0, and XᵀX B = A YᵀY."""
    noise = uneven(3, seed, 0.3)
    smoothed = eq.theory.smoothed(problem, noise)
    x, y = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    assert eq.theory.gradient_norms(smoothed, alone((x, y)))[0] < 1e-10
    assert eq.theory.hessian_eigenvalues(smoothed, alone((x, y)))[0, 0] > -1e-10
    first, second = eq.theory.second_moments(noise, problem.shapes)
    np.testing.assert_allclose(x.T @ x @ second, first @ (y.T @ y), atol=1e-12)


@settings(max_examples=50)
@given(seed=st.integers(0, 10**6), size=st.floats(0.01, 3))
def test_no_factors_have_less_penalty_than_their_singular_values_and_thresholds(seed, size):
    """½ tr(XBXᵀ) + ½ tr(YAYᵀ) ≥ Σ σᵢ(XYᵀ) tᵢ."""
    random = np.random.default_rng(seed)
    noise = uneven(3, seed, size)
    x, y = (random.standard_normal((d, 3)) * random.uniform(0.01, 2, 3) for d in SHAPE)
    shapes = (x.shape, y.shape)
    first, second = eq.theory.second_moments(noise, shapes)
    penalty = 0.5 * np.trace(x @ second @ x.T) + 0.5 * np.trace(y @ first @ y.T)
    values = np.linalg.svd(x @ y.T, compute_uv=False)[:3]
    assert penalty >= values @ eq.theory.thresholds(noise, shapes) * (1 - 1e-12)


def test_the_minimum_has_no_more_penalty_than_that(problem):
    noise = uneven(3, 5, 0.3)
    x, y = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    first, second = eq.theory.second_moments(noise, problem.shapes)
    penalty = 0.5 * np.trace(x @ second @ x.T) + 0.5 * np.trace(y @ first @ y.T)
    values = np.linalg.svd(x @ y.T, compute_uv=False)[:3]
    assert penalty == pytest.approx(values @ eq.theory.thresholds(noise, problem.shapes), rel=1e-12)


def test_singular_values_below_the_threshold_vanish(problem):
    noise = noise_of(1.3, 1.7)
    optimum = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    values = np.linalg.svd(optimum[0] @ optimum[1].T, compute_uv=False)
    np.testing.assert_allclose(values, [0.3, 0, 0, 0], atol=1e-12)
    smoothed = eq.theory.smoothed(problem, noise)
    assert eq.theory.hessian_eigenvalues(smoothed, alone(optimum))[0, 0] > -1e-10


def test_more_columns_than_the_matrix_has_rank():
    problem = eq.problems.planted(SHAPE, 2, values=(2.0, 1.0), seed=3, factors=4)
    noise = noise_of(0.7, 0.2)
    optimum = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    assert tuple(w.shape for w in optimum) == problem.shapes
    smoothed = eq.theory.smoothed(problem, noise)
    assert eq.theory.gradient_norms(smoothed, alone(optimum))[0] < 1e-10
    assert eq.theory.hessian_eigenvalues(smoothed, alone(optimum))[0, 0] > -1e-10


SUBSETS = [s for count in range(3) for s in itertools.combinations(range(3), count)]


@pytest.mark.parametrize("directions", SUBSETS, ids=str)
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_other_stationary_points_are_saddles_of_known_curvature(problem, gamma, directions):
    noise = noise_of(gamma, 0.4)
    smoothed = eq.theory.smoothed(problem, noise)
    point = eq.theory.smoothed_stationary_point(problem.signal, noise, problem.shapes, directions)
    assert eq.theory.gradient_norms(smoothed, alone(point))[0] < 1e-10
    expected = eq.theory.escape_eigenvalue(problem.signal, noise, problem.shapes, directions)
    assert expected < -0.1
    assert eq.theory.hessian_eigenvalues(smoothed, alone(point))[0, 0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("directions", [(0, 2), (1, 2), (1, 3), (2,)], ids=str)
def test_saddles_where_the_matrix_has_more_rank_than_the_factors(directions):
    """Every column in use, on the wrong directions; and a scale other than ½."""
    planted = eq.problems.planted(SHAPE, 4, values=(2.0, 1.6, 1.3, 0.9), seed=2)
    matrix = np.asarray(planted.measurement.target.left @ planted.measurement.target.right.T)
    problem = eq.problems.factorization(matrix, rank=2, scale=1.5)
    noise = noise_of(1.7, 0.3)
    smoothed = eq.theory.smoothed(problem, noise)
    point = eq.theory.smoothed_stationary_point(planted.signal, noise, problem.shapes, directions)
    assert eq.theory.gradient_norms(smoothed, alone(point))[0] < 1e-10
    expected = eq.theory.escape_eigenvalue(planted.signal, noise, problem.shapes, directions, scale=1.5)
    assert expected < 0
    assert eq.theory.hessian_eigenvalues(smoothed, alone(point))[0, 0] == pytest.approx(expected, rel=1e-9)


def test_errors(problem):
    signal, shapes, noise = problem.signal, problem.shapes, noise_of(1.0, 0.4)
    with pytest.raises(eq.InputError, match="undisturbed"):
        eq.theory.smoothed_minimum(signal, eq.noise.Gaussian(std=(0.1, 0.0)), shapes)
    with pytest.raises(eq.InputError, match="at most once"):
        eq.theory.smoothed_stationary_point(signal, noise, shapes, (0, 0))
    with pytest.raises(eq.InputError, match="from 0 to 2"):
        eq.theory.smoothed_stationary_point(signal, noise, shapes, (3,))
    with pytest.raises(eq.InputError, match="not above the threshold of the noise"):
        eq.theory.smoothed_stationary_point(signal, noise_of(1.0, 1.2), shapes, (0, 2))
    with pytest.raises(eq.InputError, match="columns; name fewer"):
        eq.theory.smoothed_stationary_point(signal, noise, ((5, 2), (4, 2)), (0, 1, 2))
    with pytest.raises(eq.InputError, match="leave one out"):
        eq.theory.escape_eigenvalue(signal, noise, shapes, (0, 1, 2))
    with pytest.raises(eq.InputError, match="needs isotropic noise"):
        eq.theory.escape_eigenvalue(signal, uneven(3, 0, 0.3), shapes, (0,))
