"""Rank 1 in four numbers: Du et al. (2018), Appendix C."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import equipoise as eq
from equipoise.theory import Strengths

VALUE, C = 2.0, 0.1
STEP_SIZE = C / VALUE
numbers = st.floats(-1.5, 1.5)


@pytest.fixture(scope="module")
def planted():
    return eq.problems.planted((6, 4), 1, values=[VALUE], seed=3)


@pytest.fixture(scope="module")
def points(planted):
    random = np.random.default_rng(0)
    return tuple(random.standard_normal((5, *shape)) for shape in planted.shapes)


def test_what_they_are(planted, points):
    found = eq.theory.rank_one_strengths(planted.signal, points)
    u, v = points[0][..., 0], points[1][..., 0]
    np.testing.assert_allclose(found.alpha, u @ planted.signal.left[:, 0], rtol=1e-14)
    np.testing.assert_allclose(found.beta, v @ planted.signal.right[:, 0], rtol=1e-14)
    np.testing.assert_allclose(found.alpha**2 + found.alpha_off**2, (u**2).sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(found.beta**2 + found.beta_off**2, (v**2).sum(axis=1), rtol=1e-14)


def test_distance_is_that_of_the_matrices(planted, points):
    found = eq.theory.rank_one_strengths(planted.signal, points).distance(VALUE)
    losses = [float(planted.loss(tuple(w[i] for w in points))) for i in range(5)]
    np.testing.assert_allclose(0.5 * found**2, losses, rtol=1e-13)


def test_a_step_is_one_of_gradient_descent(planted, points):
    moved = tuple(
        np.stack(side)
        for side in zip(
            *(
                [w - STEP_SIZE * np.asarray(g) for w, g in zip(theta, planted.gradient(theta), strict=True)]
                for theta in zip(*points, strict=True)
            ),
            strict=True,
        )
    )
    wanted = eq.theory.rank_one_strengths(planted.signal, moved)
    found = eq.theory.rank_one_strengths(planted.signal, points).after_step(STEP_SIZE, VALUE)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.abs(one), np.abs(other), rtol=1e-12, atol=1e-14)


@given(numbers, numbers, numbers, numbers)
def test_misfit_and_off_signal_follow_the_printed_recursions(a, b, p, q):
    """Eq. (24)."""
    at = Strengths(a, b, p, q)
    later, n, h, xi = at.after_step(STEP_SIZE, VALUE), STEP_SIZE, at.signal_misfit(VALUE), at.off_signal
    inner = a * b * h + a**2 * q**2 + b**2 * p**2 + p**2 * q**2
    wanted = (1 - n * (a**2 + b**2) + n**2 * inner) * h - n * a * b * xi + n**2 * VALUE * p**2 * q**2
    assert later.signal_misfit(VALUE) == pytest.approx(wanted, rel=1e-10, abs=1e-12)
    wanted = (1 - n * (b**2 + q**2)) ** 2 * p**2 + (1 - n * (a**2 + p**2)) ** 2 * q**2
    assert later.off_signal == pytest.approx(wanted, rel=1e-12)


def test_escape_lies_between_its_bounds():
    random = np.random.default_rng(1)
    now = start = Strengths(*(1e-3 * np.abs(random.standard_normal((4, 200)))))
    escaped = np.full(200, np.nan)
    for step in range(300):
        new = np.isnan(escaped) & (now.alpha**2 + now.beta**2 >= VALUE / 2)
        escaped[new] = step
        now = now.after_step(STEP_SIZE, VALUE)
    low, high = eq.theory.escape_steps(start, STEP_SIZE, VALUE)
    assert np.all(low <= escaped)
    assert np.all(escaped < high)
    # the lower one is nearly what happens: growth is by nearly 1 + c until the end
    assert np.max(escaped - low) < 10
    assert np.min(low) > 40


def test_signal_constant_bounds_the_smaller_strength():
    constant = eq.theory.signal_constant(100)
    assert constant == pytest.approx(1.25e-5, rel=1e-3)
    smaller = np.sqrt(VALUE / 2 / (1 + 100**2))  # β = 100 α and α² + β² = σ₁/2
    assert smaller == pytest.approx(2 * np.sqrt(constant * VALUE), rel=1e-14)
    with pytest.raises(eq.InputError, match="1 or greater"):
        eq.theory.signal_constant(0.5)


def test_rates_are_those_of_the_recursion():
    """From α = β, with nothing in it that is random: the slopes over many decades."""

    def steps(dimension, epsilon):
        at = Strengths(dimension**-0.5, dimension**-0.5, 1e-3, 1e-3)
        for step in range(10_000):
            if at.distance(VALUE) <= epsilon * VALUE:
                return step
            at = at.after_step(STEP_SIZE, VALUE)
        raise AssertionError

    rates = eq.theory.convergence_rates(STEP_SIZE, VALUE)
    by_dimension = (steps(1e24, 1e-6) - steps(1e12, 1e-6)) / np.log(1e12)
    by_accuracy = (steps(1e12, 1e-14) - steps(1e12, 1e-8)) / np.log(1e6)
    # a step more or less over the range
    assert rates.per_log_dimension == pytest.approx(by_dimension, abs=1.5 / np.log(1e12))
    assert rates.per_log_accuracy == pytest.approx(by_accuracy, abs=1.5 / np.log(1e6))


@pytest.mark.parametrize("c", [0.0, 0.7, np.nan])
def test_rates_need_a_small_step(c):
    with pytest.raises(eq.InputError, match="below 2/3"):
        eq.theory.convergence_rates(c, 1.0)


def test_only_rank_one_has_four_numbers():
    problem = eq.problems.planted((6, 4), 2, seed=3)
    with pytest.raises(eq.InputError, match="rank 2"):
        eq.theory.rank_one_strengths(problem.signal, problem.signal.factors())
