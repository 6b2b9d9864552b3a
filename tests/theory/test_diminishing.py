"""Step sizes that keep the balance: Du et al. (2018), Theorem 3.1 and its proof."""

import numpy as np
import pytest

import equipoise as eq

NORM, RANK, EPSILON = 3.0, 2, 0.2


def _sum(schedule, steps, power=1):
    t = np.arange(1, steps + 1, dtype=float)
    return float(np.sum((float(schedule.initial) * t ** -float(schedule.exponent)) ** power))


def test_the_printed_step_size():
    """η_t = √(ε/r)/(100(t + 1)‖M‖^{3/2})."""
    with eq.numerics():
        found = [float(eq.theory.diminishing_step_size(NORM, RANK, EPSILON)(t)) for t in (0, 1, 9)]
    wanted = np.sqrt(EPSILON / RANK) / (100 * np.array([1, 2, 10]) * NORM**1.5)
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


@pytest.mark.parametrize("delta", [0.5, 0.25, 0.1])
@pytest.mark.parametrize("make", [eq.theory.diminishing_step_size, eq.theory.largest_diminishing_step_size])
def test_drift_is_within_half_of_epsilon(make, delta):
    schedule = make(NORM, RANK, EPSILON, delta)
    bound = eq.theory.drift_bound(schedule, NORM, RANK)
    assert bound <= EPSILON / 2 * (1 + 1e-12)
    assert 40 * RANK**0.5 * NORM**3 * _sum(schedule, 10**5, power=2) <= bound
    assert float(schedule.initial) * eq.theory.smoothness(NORM, RANK) <= 1 + 1e-12


def test_the_largest_uses_one_of_its_two_bounds_up():
    for epsilon, delta in ((1e-3, 0.25), (2.9, 0.5)):
        schedule = eq.theory.largest_diminishing_step_size(NORM, RANK, epsilon, delta)
        used = (
            eq.theory.drift_bound(schedule, NORM, RANK) / (epsilon / 2),
            float(schedule.initial) * eq.theory.smoothness(NORM, RANK),
        )
        assert max(used) == pytest.approx(1, rel=1e-12)
        assert float(schedule.initial) > float(eq.theory.diminishing_step_size(NORM, RANK, epsilon, delta).initial)


def test_without_a_finite_sum_of_squares_there_is_no_bound():
    assert eq.theory.drift_bound(eq.dynamics.PowerDecay(0.1, 0.5), NORM, RANK) == np.inf


@pytest.mark.parametrize("exponent", [0.0, 0.55, 0.75, 1.0, 1.5])
@pytest.mark.parametrize("steps", [20, 3000])
def test_number_of_steps_for_a_time(exponent, steps):
    schedule = eq.dynamics.PowerDecay(0.02, exponent)
    found = eq.theory.log10_steps(schedule, _sum(schedule, steps))
    assert 10**found == pytest.approx(steps, rel=1e-3)


def test_times_at_the_ends():
    assert eq.theory.log10_steps(eq.dynamics.PowerDecay(0.02, 1.0), 0.01) == 0
    assert eq.theory.log10_steps(eq.dynamics.PowerDecay(0.02, 1.5), 0.02 * 2.62) == np.inf  # ζ(1.5) = 2.612
    # e^1000 steps, which no float holds
    assert eq.theory.log10_steps(eq.dynamics.PowerDecay(1e-3, 1.0), 1.0) == pytest.approx(434.0, abs=0.1)
    with pytest.raises(eq.InputError, match="greater than 0"):
        eq.theory.log10_steps(eq.dynamics.PowerDecay(1e-3, 1.0), 0.0)


@pytest.mark.parametrize(
    ("norm", "rank", "epsilon", "delta", "message"),
    [
        (1.0, 1, 1.0, 0.5, "greater than 0 and smaller than 1 "),
        (1.0, 1, 0.0, 0.5, "greater than 0 and smaller than 1 "),
        (np.inf, 1, 0.1, 0.5, "norm is inf; it must be finite"),
        (1.0, 0, 0.1, 0.5, "1 or greater"),
        (1.0, 1, 0.1, 0.0, "greater than 0 and at most 0.5"),
        (1.0, 1, 0.1, 0.6, "greater than 0 and at most 0.5"),
    ],
)
def test_what_the_theorem_does_not_allow(norm, rank, epsilon, delta, message):
    for make in (eq.theory.diminishing_step_size, eq.theory.largest_diminishing_step_size):
        with pytest.raises(eq.InputError, match=message):
            make(norm, rank, epsilon, delta)


def test_smoothness_bounds_the_hessian_on_the_set_of_the_proof():
    """At factors of the largest norms that Claim B.2 allows, aligned with each other and with M."""
    problem = eq.problems.planted((4, 3), RANK, values=[2.0, 1.0], seed=0)
    norm = float(np.linalg.norm([2.0, 1.0]))
    u, v = problem.signal.factors()
    largest = 11 * RANK**0.5 * norm
    for sign in (1, -1):
        point = (u * np.sqrt(largest) / np.linalg.norm(u), sign * v * np.sqrt(largest) / np.linalg.norm(v))
        top = eq.theory.hessian_eigenvalues(problem, tuple(w[None] for w in point))[0, -1]
        assert 0.3 * eq.theory.smoothness(norm, RANK) < top <= eq.theory.smoothness(norm, RANK)


def test_factor_bound():
    assert eq.theory.factor_bound(NORM, 4) == 5 * 2 * NORM
