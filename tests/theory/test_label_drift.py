"""How noise on labels moves the balance, against the mean over steps, and where it leaves it."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.theory import label_noise_balance, label_noise_drift

STD, ETA = 0.4, 0.05


def test_it_is_the_mean_over_steps(double):
    """4000 steps, within 5 standard errors: once in 10⁶."""
    random = np.random.default_rng(0)
    problem = eq.problems.factorization(random.standard_normal((6, 3)), rank=2, scale=0.8)
    theta = tuple(random.standard_normal(shape) for shape in problem.shapes)
    method = eq.dynamics.LabelNoise(eq.dynamics.GradientDescent(ETA), STD)

    def change(key):
        moved, _ = method.step(problem, theta, None, key, 0)
        squares = [(m**2).sum() - (w**2).sum() for m, w in zip(moved, theta, strict=True)]
        return squares[0] - squares[1]

    changes = np.asarray(jax.vmap(change)(jax.random.split(jax.random.key(1), 4000)))
    wanted = label_noise_drift(problem, theta, STD, step_size=ETA, scale=0.8)
    error = changes.std() / 4000**0.5
    assert abs(changes.mean() - wanted) < 5 * error
    assert abs(label_noise_drift(problem, theta, 0.0, step_size=ETA) - wanted) > 10 * error


def test_the_noise_leaves_another_balance_than_1_where_the_matrix_is_not_square():
    """√(9/4) = 1.5 for 9 x 4, from 0.5 and from 4; the mean over 40 replicates, within 2 %, 5 standard errors."""
    problem = eq.problems.planted((9, 4), 1, seed=3)
    signal = problem.known_signal()
    for gamma in (0.5, 4.0):
        start = eq.initial.Given(tuple(np.asarray(w) for w in signal.factors(gamma)))
        method = eq.dynamics.LabelNoise(eq.dynamics.GradientDescent(0.05), 0.4)
        record = eq.Record(every=4000, observables=("balance",))
        run = eq.simulate(problem, method, start, seed=4, steps=4000, replicates=40, record=record)
        assert float(run.dataset["balance"][:, -1].mean()) == pytest.approx(label_noise_balance(9, 4), rel=0.02)


def test_errors():
    with pytest.raises(eq.InputError, match="rows is 0"):
        label_noise_balance(0, 3)
