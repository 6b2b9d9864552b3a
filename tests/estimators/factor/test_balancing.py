"""At a finite step size, exactly γ-balanced noise misses γ; the corrected noise does not."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.estimators.factor.balancing import noise_ratio

VALUES = np.array([1.0, 0.6])


def test_nothing_to_correct_for_square_matrices_and_small_steps():
    assert noise_ratio(VALUES, 0.3, (9, 9), 0.5, 2) == 1.0
    assert noise_ratio(VALUES, 0.3, (9, 4), 1e-9, 2) == pytest.approx(1.0, abs=1e-8)


def test_the_transpose_is_the_inverse():
    there, back = noise_ratio(VALUES, 0.3, (9, 4), 0.5, 2), noise_ratio(VALUES, 0.3, (4, 9), 0.5, 2)
    assert there * back == pytest.approx(1.0)
    assert there < 1.0


@pytest.mark.parametrize(("shape", "residual"), [((2, 1), 0.0), ((5, 3), 0.4)])
def test_the_mean_balance_is_one(shape, residual):
    """Of 100 replicates with weak constant noise; without the correction it is off by more than 1.5%."""
    rank = min(2, shape[1])
    rest = [residual] if residual else []
    matrix = np.zeros(shape)
    np.fill_diagonal(matrix, [*VALUES[:rank], *rest])
    step_size, strength = 0.5, 2e-3
    values = VALUES[:rank]
    corrected = noise_ratio(values, residual, shape, step_size, rank)
    means = [_mean_balance(matrix, rank, step_size, strength, ratio) for ratio in (corrected, 1.0)]
    assert means[0] == pytest.approx(1.0, abs=0.008)
    assert abs(means[1] - 1) > 0.015


def _mean_balance(matrix, rank, step_size, strength, ratio):
    """exp of the mean of log ‖X‖/‖Y‖ over replicates and the later half of the run, started at the minimum."""
    problem = eq.problems.factorization(matrix, rank).with_signal()
    d1, d2 = matrix.shape
    noise = eq.noise.balanced(ratio, np.sqrt(strength / d2), (d1, d2))
    start = eq.initial.Given(problem.signal.factors())
    dynamics = eq.dynamics.PerturbedGD(step_size, noise)
    run = eq.simulate(problem, dynamics, start, seed=0, steps=3000, replicates=100, record=eq.Record(300, ("balance",)))
    return float(np.exp(np.log(run.dataset.balance.values[:, 4:]).mean()))
