"""The inverse question for a matrix of real data: the noise that is found does what was asked for."""

import numpy as np
import pytest

import equipoise as eq


def test_digits_end_at_the_balance_asked_for():
    """Rank 10, balance 2, 5 % shrinkage: one path, exactly in law, for about five times of relaxation.

    The tolerance is the stated error and 4 standard errors of the mean over that path, of which about three parts are
    independent. It is a quarter of what the finite step adds, for which the noise makes up.
    """
    datasets = pytest.importorskip("sklearn.datasets")
    matrix = datasets.load_digits().data
    problem = eq.problems.factorization(matrix, rank=10)
    found = eq.estimators.predict(matrix, 10, balance=2.0, shrinkage=0.05)
    assert found.balance == pytest.approx(2.0)
    noise = eq.noise.Gaussian(std=found.noise_std)
    asked = eq.noise.balanced(2.0, (found.threshold / (2.0 * 64)) ** 0.5, matrix.shape)
    start = eq.theory.smoothed_minimum(problem.with_signal().known_signal(), asked, problem.shapes)
    run = eq.simulate(
        problem, eq.dynamics.PerturbedGD(found.step_sizes, noise), eq.initial.Given(start), seed=0, steps=6000,
        record=eq.Record(50, ("balance", "loss")), engine="law", progress=False,
    )  # fmt: skip
    late = run.dataset.isel(replicate=0, step=slice(40, None))
    tolerance = 2.0 * found.balance_error + 4 * found.balance_std / 3**0.5
    assert tolerance < 0.3 * abs(found.gamma - 2.0)
    assert abs(float(late["balance"].mean()) - 2.0) < tolerance
    error = np.sqrt(2 * float(late["loss"].mean())) / np.linalg.norm(matrix)
    assert error == pytest.approx(found.relative_error, rel=1e-3)
