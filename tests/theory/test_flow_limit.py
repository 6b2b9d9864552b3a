"""The end of gradient flow from its conserved difference, against the integrated flow."""

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize

import equipoise as eq
from equipoise.core.problem import Signal


def flown(matrix, start, proportions=(1.0, 1.0), time=200.0):
    """The end of gradient flow on ½‖XYᵀ − M‖², by a solver of its own."""
    (d1, r), d2 = start[0].shape, start[1].shape[0]

    def slope(_, flat):
        x, y = flat[: d1 * r].reshape(d1, r), flat[d1 * r :].reshape(d2, r)
        misfit = x @ y.T - matrix
        return -np.concatenate([(proportions[0] * misfit @ y).ravel(), (proportions[1] * misfit.T @ x).ravel()])

    flat = np.concatenate([w.ravel() for w in start])
    end = scipy.integrate.solve_ivp(slope, (0, time), flat, rtol=1e-10, atol=1e-12).y[:, -1]
    return end[: d1 * r].reshape(d1, r), end[d1 * r :].reshape(d2, r)


def signal_of(values, shape, seed=0):
    generator = np.random.default_rng(seed)
    left, right = (np.linalg.qr(generator.standard_normal((d, len(values))))[0] for d in shape)
    return Signal(left, np.array(values), right)


@pytest.mark.parametrize("proportions", [(1.0, 1.0), (0.5, 2.0)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_column_from_any_start(proportions, seed):
    signal = signal_of([1.3], (4, 3))
    random = np.random.default_rng(seed)
    start = tuple(s * random.standard_normal((d, 1)) for s, d in zip((1.0, 0.4), (4, 3), strict=True))
    matrix = signal.left * signal.values @ signal.right.T
    for found, expected in zip(
        eq.theory.gradient_flow_limit(signal, start, proportions=proportions),
        flown(matrix, start, proportions), strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("proportions", [(1.0, 1.0), (0.5, 2.0)])
def test_an_aligned_start(proportions):
    """With different signs, one of the factors nearly 0, and columns turned."""
    signal = signal_of([2.0, 1.0, 0.7], (5, 4))
    turn = np.linalg.qr(np.random.default_rng(7).standard_normal((3, 3)))[0]
    p, q = np.array([1.5, -0.2, 1e-3]), np.array([0.3, 0.1, -2e-5])
    start = (signal.left * p) @ turn, (signal.right * q) @ turn
    matrix = signal.left * signal.values @ signal.right.T
    found = eq.theory.gradient_flow_limit(signal, start, proportions=proportions)
    for ours, expected in zip(found, flown(matrix, start, proportions), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-6)
    before, after = (eq.theory.conserved_difference(pair, proportions=proportions) for pair in (start, found))
    np.testing.assert_allclose(after, before, atol=1e-12)


def test_small_starts_end_at_the_balance_of_the_step_sizes():
    signal = signal_of([1.3], (4, 3))
    random = np.random.default_rng(0)
    start = tuple(1e-6 * random.standard_normal((d, 1)) for d in (4, 3))
    x, y = eq.theory.gradient_flow_limit(signal, start, proportions=(0.5, 1.0))
    assert np.linalg.norm(x) / np.linalg.norm(y) == pytest.approx(0.5**0.5, abs=1e-9)


def test_what_is_conserved_does_not_decide_other_ends():
    """Two ends with the same product and the same C, but not the same balance."""
    sigma, ends = np.diag([2.0, 0.5]), []
    for angle in (0.0, 0.8):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        wanted = turn @ np.diag([3.0, -1.0]) @ turn.T

        def misfit(entries, wanted=wanted):
            s = np.array([[entries[0], entries[1]], [entries[1], entries[2]]])
            gap = s @ sigma @ s - np.linalg.inv(s) @ sigma @ np.linalg.inv(s) - wanted
            return [gap[0, 0], gap[0, 1], gap[1, 1]]

        found = scipy.optimize.fsolve(misfit, [1.5, 0.0, 0.7], xtol=1e-13)
        s = np.array([[found[0], found[1]], [found[1], found[2]]])
        assert np.abs(misfit(found)).max() < 1e-9
        x, y = sigma**0.5 @ s @ turn, sigma**0.5 @ np.linalg.inv(s) @ turn
        np.testing.assert_allclose(x @ y.T, sigma, atol=1e-9)
        np.testing.assert_allclose(eq.theory.conserved_difference((x, y)), np.diag([3.0, -1.0]), atol=1e-8)
        ends.append(np.linalg.norm(x) / np.linalg.norm(y))
    assert abs(ends[0] / ends[1] - 1) > 0.01


def test_errors():
    signal = signal_of([2.0, 1.0], (5, 4))
    random = np.random.default_rng(0)
    with pytest.raises(eq.InputError, match="not aligned"):
        eq.theory.gradient_flow_limit(signal, (random.standard_normal((5, 2)), random.standard_normal((4, 2))))
    with pytest.raises(eq.InputError, match="stays at a saddle"):
        eq.theory.gradient_flow_limit(signal, (signal.left * [1.0, 0.5], signal.right * [1.0, -0.5]))
    with pytest.raises(eq.InputError, match="for this signal give"):
        eq.theory.gradient_flow_limit(signal, (np.ones((5, 1)), np.ones((4, 1))))
