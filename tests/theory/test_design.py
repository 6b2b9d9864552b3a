"""The noise for a wanted balance and shrinkage, and the annealing for a wanted bias."""

import numpy as np
import pytest
import scipy.integrate

import equipoise as eq


def instance(values, shape=(6, 9), rank=2):
    generator = np.random.default_rng(3)
    left, right = (np.linalg.qr(generator.standard_normal((d, len(values))))[0] for d in shape)
    return eq.problems.factorization(left * np.array(values) @ right.T, rank=rank)


def test_the_noise_has_the_balance_and_the_shrinkage():
    problem = instance([3.0, 2.0, 0.5])
    noise = eq.theory.noise_for(problem, balance=2.0, shrinkage=0.03)
    assert eq.theory.noise_balance(noise, problem.shapes) == pytest.approx(2.0)
    lowered = eq.theory.smoothed_signal(problem.with_signal().known_signal(), noise, problem.shapes)
    assert lowered.values[-1] == pytest.approx(0.97 * 2.0)


def test_at_a_step_size_a_run_ends_there():
    """M has values beyond the rank, so γ of the noise is another than the balance: 2000 paths, within 5 errors."""
    problem, eta = instance([3.0, 2.0, 1.5, 1.0]), (0.02, 0.03)
    noise = eq.theory.noise_for(problem, balance=2.0, shrinkage=0.01, step_size=eta)
    method = eq.dynamics.PerturbedGD(eta, noise)
    law = eq.theory.stationary_law(problem, method)
    assert law.balance == pytest.approx(2.0, rel=1e-8)
    assert abs(eq.theory.noise_balance(noise, problem.shapes) / 2 - 1) > 2e-3
    found = eq.simulate(
        problem, method, eq.initial.Gaussian(0.5), seed=0, replicates=2000, steps=6000,
        record=eq.Record(6000, ("balance",)), progress=False,
    ).dataset["balance"].values[:, -1]  # fmt: skip
    assert abs(found.mean() - 2.0) < 5 * found.std() / 2000**0.5 + 2e-3


def test_the_annealing_ends_where_it_says():
    """Against the flow on the fading smoothed objective of one direction, in two numbers."""
    problem, eta, gamma = instance([1.0], rank=1), 0.02, 2.0
    made = eq.theory.annealing_for(problem, step_size=eta, balance=gamma, start_balance=0.5, shrinkage=1e-3, bias=0.02)
    assert max(abs(made.balance / gamma - 1), made.shrinkage) <= 0.02 * (1 + 1e-6)
    time, last = (float(made.noise.std.values[0].time), made.steps)
    (a, b) = (d * float(schedule.std) ** 2 for d, schedule in zip((6, 9), made.noise.std.values, strict=True))

    def slope(t, at):
        fade = (1 - t / last) / (1 + t / time)
        x, y = at
        return -eta * ((x * y - 1) * y + fade * b * x), -eta * ((x * y - 1) * x + fade * a * y)

    x, y = scipy.integrate.solve_ivp(slope, (0, last), (0.5**0.5, 2**0.5), method="LSODA", rtol=1e-10, atol=1e-12).y[
        :, -1
    ]
    assert x / y - gamma == pytest.approx(made.balance - gamma, rel=0.1)
    assert 1 - x * y == pytest.approx(made.shrinkage, rel=0.02, abs=1e-8)


def test_less_bias_takes_longer_and_a_short_annealing_is_one_of_the_lag():
    problem = instance([3.0, 2.0])
    ask = {"step_size": 0.02, "balance": 1.5, "start_balance": 1.0}
    loose, tight = (eq.theory.annealing_for(problem, bias=bias, **ask) for bias in (1e-2, 1e-3))
    assert tight.steps > loose.steps
    there = eq.theory.annealing_for(problem, bias=1e-3, **(ask | {"start_balance": 1.5}))
    assert there.balance == 1.5
    assert there.shrinkage == pytest.approx(1e-3, rel=0.1)


def test_errors():
    with pytest.raises(eq.InputError, match="Singular value 2 of the matrix is 0"):
        eq.theory.noise_for(instance([1.0], rank=2))
    with pytest.raises(eq.InputError, match="factorizations XYᵀ of a whole matrix"):
        eq.theory.noise_for(eq.theory.smoothed(instance([1.0], rank=1), eq.noise.Gaussian(0.1)))
    with pytest.raises(eq.InputError, match="10¹² steps"):
        eq.theory.annealing_for(
            instance([1.0], rank=1), step_size=1e-12, balance=1.0, start_balance=2.0, bias=1e-6, shrinkage=1e-4
        )
