"""Gradient descent stays at a minimum just below the largest stable step size, and leaves it just above."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.core.problem import Signal

PROPORTIONS = (0.5, 2.0)


@pytest.fixture(scope="module")
def problem():
    return eq.problems.planted((6, 5), 2, values=(1.5, 1.0), seed=1)


def moved(problem, theta, step_size, steps=3000):
    """How far gradient descent ends from θ, started 1e-6 beside it."""
    random = np.random.default_rng(0)
    beside = tuple(w + 1e-6 * random.standard_normal(w.shape) for w in theta)
    method, start = eq.dynamics.GradientDescent(step_size), eq.initial.Given(beside)
    record = eq.Record(every=steps, observables=("loss",))
    run = eq.simulate(problem, method, start, seed=0, steps=steps, record=record, progress=False)
    return float(np.sqrt(sum(np.sum((w[0] - was) ** 2) for w, was in zip(run.theta, theta, strict=True))))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("proportions", [(1.0, 1.0), PROPORTIONS], ids=["equal", "unequal"])
def test_the_bound_is_sharp(problem, gamma, proportions):
    theta = problem.signal.factors(gamma)
    largest = eq.theory.largest_stable_step_size(problem.signal, gamma, proportions=proportions)
    below, above = (tuple(f * largest * p for p in proportions) for f in (0.98, 1.02))
    assert moved(problem, theta, below) < 1e-4
    assert not moved(problem, theta, above) < 1e-2  # to a flatter minimum, to a cycle, or to infinity


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
def test_at_a_point_it_is_found_by_lanczos(problem, gamma):
    theta = problem.signal.factors(gamma)
    for proportions in (None, PROPORTIONS):
        expected = eq.theory.largest_stable_step_size(problem.signal, gamma, proportions=proportions or (1.0, 1.0))
        found = eq.theory.largest_stable_step_size_at(problem, theta, proportions=proportions)
        assert found == pytest.approx(expected, rel=1e-10)


def test_formula_at_equal_steps():
    """2/((γ + 1/γ) σ1), and half of it at scale 1."""
    signal = eq.problems.planted((6, 5), 1, values=(1.5,)).signal
    assert eq.theory.largest_stable_step_size(signal, 2.0) == pytest.approx(2 / (2.5 * 1.5))
    assert eq.theory.largest_stable_step_size(signal, 2.0, scale=1.0) == pytest.approx(1 / (2.5 * 1.5))


def test_unequal_steps_against_the_scaled_hessian(problem):
    """λmax(D^½ H D^½) from the dense Hessian."""
    theta = problem.signal.factors(1.4)
    hessian = np.asarray(eq.observables.dense_hessian(problem, theta))
    roots = np.concatenate([np.full(w.size, p**0.5) for w, p in zip(theta, PROPORTIONS, strict=True)])
    largest = np.linalg.eigvalsh(roots[:, None] * hessian * roots)[-1]
    found = eq.theory.largest_stable_step_size_at(problem, theta, proportions=PROPORTIONS)
    assert found == pytest.approx(2 / largest, rel=1e-10)


def test_smoothing_makes_the_minimum_sharper_or_flatter_as_its_hessian_says(problem):
    """Any problem will do, here one whose curvature has no closed form."""
    noise = eq.noise.Gaussian(std=0.2)
    smoothed = eq.theory.smoothed(problem, noise)
    theta = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    largest = np.linalg.eigvalsh(np.asarray(eq.observables.dense_hessian(smoothed, theta)))[-1]
    assert eq.theory.largest_stable_step_size_at(smoothed, theta) == pytest.approx(2 / largest, rel=1e-8)


def test_errors(problem):
    theta = problem.signal.factors()
    for gamma in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(eq.InputError, match="gamma is"):
            eq.theory.largest_stable_step_size(problem.signal, gamma)
    with pytest.raises(eq.InputError, match="proportion"):
        eq.theory.largest_stable_step_size(problem.signal, proportions=(1.0, 0.0))
    with pytest.raises(eq.InputError, match="θ has 2 arrays"):
        eq.theory.largest_stable_step_size_at(problem, theta, proportions=(1.0,))


@pytest.mark.parametrize("values", [(2.0, 1.2, 0.5), (2.0, 2.0, 1.9), (1.0, 0.25, 0.1)])
@pytest.mark.parametrize("proportions", [(1.0, 1.0), (0.5, 2.0)])
def test_with_noise_it_is_that_of_the_smoothed_objective(values, proportions):
    """Against the dense Hessian of F̃ at its minimum; the last case keeps one direction of two columns."""
    matrix = np.zeros((4, 5))
    matrix[range(3), range(3)] = values
    problem = eq.problems.factorization(matrix, rank=2, scale=0.7)
    noise = eq.noise.Gaussian((0.3, 0.25))
    left, kept, right = np.linalg.svd(matrix)
    signal = Signal(left[:, :4], kept, right[:4].T)
    minimum = eq.theory.smoothed_minimum(signal, noise, problem.shapes)
    smoothed = eq.theory.smoothed(problem, noise)
    with eq.numerics():
        hessian = np.asarray(eq.observables.dense_hessian(smoothed, minimum))
    roots = np.repeat(np.sqrt(proportions), (8, 10))
    expected = 2 / np.linalg.eigvalsh(roots[:, None] * hessian * roots)[-1]
    found = eq.theory.largest_stable_step_size_with_noise(
        signal, noise, problem.shapes, scale=0.7, proportions=proportions
    )
    assert found == pytest.approx(expected, rel=1e-10)
