"""The settings follow from the singular values."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.estimators.factor.settings import Wishes, choose
from equipoise.estimators.factor.target import target_of

MATRIX = np.random.default_rng(3).standard_normal((12, 8))


def chosen(rank=3, matrix=MATRIX, **wishes):
    defaults = {"gamma": 1.0, "steps": None, "step_size": None, "noise": None, "start_balance": 100.0}
    return choose(target_of(matrix, rank), Wishes(**{**defaults, "start_scale": None, **wishes}))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 3.0])
def test_the_largest_stable_step_is_that_of_the_balanced_minimum(gamma):
    """Where the start is small, it is 1/σ1 for every γ, the steps being (γη, η/γ)."""
    found = chosen(gamma=gamma, start_scale=1e-9)
    signal = target_of(MATRIX, 3).signal
    expected = eq.theory.largest_stable_step_size(signal, gamma, proportions=(gamma, 1 / gamma))
    assert found.largest_step_size == pytest.approx(expected)
    assert found.step_sizes == pytest.approx((gamma * found.step_size, found.step_size / gamma))


def test_a_start_sharper_than_the_minimum_takes_smaller_steps():
    assert chosen(start_scale=1.0).largest_step_size < 0.05 * chosen(start_scale=1e-6).largest_step_size


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units(scale):
    one, other = chosen(), chosen(matrix=MATRIX * scale)
    assert other.step_size * scale == pytest.approx(one.step_size)
    assert np.array(other.noise) / scale**0.5 == pytest.approx(np.array(one.noise))
    assert np.array(other.start_norms) / scale**0.5 == pytest.approx(np.array(one.start_norms))
    assert (other.steps, other.noisy_steps, other.time_constant) == pytest.approx(
        (one.steps, one.noisy_steps, one.time_constant)
    )


def test_the_noise_has_the_balance_asked_for_up_to_the_step_size():
    found = chosen(gamma=2.0)
    ratio = found.noise[0] / found.noise[1] * (12 / 8) ** 0.5
    assert ratio == pytest.approx(2.0, rel=0.05)
    small = chosen(gamma=2.0, step_size=found.step_size * 1e-6)
    assert small.noise[0] / small.noise[1] * (12 / 8) ** 0.5 == pytest.approx(2.0, rel=1e-6)


def test_worse_conditioned_takes_longer():
    left, right = (np.linalg.qr(np.random.default_rng(i).standard_normal((8, 8)))[0] for i in range(2))
    steps = [chosen(8, left * np.geomspace(1, least, 8) @ right).steps for least in (0.5, 0.05, 0.005, 1e-9)]
    assert steps[0] < steps[1] < steps[2] < steps[3] <= 1_000_100


@pytest.mark.parametrize("steps", [1, 2, 7, 100, 10**7])
def test_steps_asked_for_are_taken_and_most_of_them_with_noise(steps):
    found = chosen(steps=steps)
    assert found.steps == steps
    assert (steps + 1) // 2 <= found.noisy_steps <= steps


def test_no_noise_no_noisy_steps():
    found = chosen(noise=0.0)
    assert found.noise == (0.0, 0.0)
    assert found.noisy_steps == 0


def test_a_mode_within_the_error_does_not_matter():
    """Of σ = (1, 1e-3) with a residual of 1, only the first has to be fitted; without a residual, both."""
    assert target_of(np.diag([1.0, 1e-3]), 2).smallest_that_matters == pytest.approx(1e-3)
    noisy = np.diag([100.0, 1.0, *[0.9] * 9_00])
    target = target_of(noisy, 2)
    assert target.smallest_that_matters == pytest.approx(100.0)


def test_excess_error():
    target = target_of(np.diag([2.0, 1.0]), 1)
    assert target.excess(1.01 * target.best_error) == pytest.approx(0.01)
    assert target.near(1.0099 * target.best_error)
    assert not target.near(1.02 * target.best_error)
    exact = target_of(np.diag([2.0, 1.0]), 2)
    assert exact.excess(1e-7) == pytest.approx(0.01)
    assert not exact.near(1e-6)


def test_surplus_columns_may_end_farther_off():
    assert target_of(np.diag([2.0, 1.0, 0.0]), 3).close(5e-5)
    assert not target_of(np.diag([2.0, 1.0, 0.0]), 3).close(2e-4)
    assert not target_of(np.diag([2.0, 1.0, 1.0]), 3).near(5e-5)
