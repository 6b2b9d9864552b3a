"""The balance and the thresholds of noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import equipoise as eq

SHAPES = ((6, 2), (4, 2))
sizes = st.floats(0.01, 10)


@settings(max_examples=20)
@given(gamma=sizes, std=sizes)
def test_balanced_noise_has_the_balance_it_was_made_with(gamma, std):
    noise = eq.noise.balanced(gamma, std, (6, 4))
    assert eq.theory.noise_balance(noise, SHAPES) == pytest.approx(gamma, rel=1e-12)


@settings(max_examples=20)
@given(first=sizes, second=sizes)
def test_the_threshold_of_isotropic_noise(first, second):
    """√(ab) = √(d1 d2) s1 s2, whichever factor has which."""
    noise = eq.noise.Gaussian(std=(first, second))
    expected = 24**0.5 * first * second
    assert eq.theory.threshold(noise, SHAPES) == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(eq.theory.thresholds(noise, SHAPES), expected, rtol=1e-12)


def test_the_papers_two_notations():
    """γσ² in Theorem 2, where σ² = E‖ξ₂‖²/r; σ²/γ in Lemma 3, where σ² = E‖ξ₁‖²."""
    noise = eq.noise.balanced(2.0, 0.1, (6, 4))
    first, second = (float(np.trace(m)) / 2 for m in eq.theory.second_moments(noise, SHAPES))
    assert eq.theory.threshold(noise, SHAPES) == pytest.approx(2.0 * second, rel=1e-12)
    assert eq.theory.threshold(noise, SHAPES) == pytest.approx(first / 2.0, rel=1e-12)


def aligned(first, second, rotation=None):
    """Noise with column covariances diag(first), diag(second), both in the axes of `rotation`."""
    r = np.eye(2) if rotation is None else rotation
    columns = tuple(r @ np.diag(values) @ r.T for values in (first, second))
    return eq.noise.AnisotropicGaussian((np.eye(6) / 6, np.eye(4) / 4), columns)


def test_thresholds_ascend_and_do_not_depend_on_the_axes():
    angle = 0.7
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = [0.2, 0.6]  # √(0.09 · 4), √(0.01 · 4) in the other order
    for noise in (aligned((0.09, 0.01), (4.0, 4.0)), aligned((0.09, 0.01), (4.0, 4.0), rotation)):
        np.testing.assert_allclose(eq.theory.thresholds(noise, SHAPES), expected, rtol=1e-12)


def test_uneven_noise_may_have_one_threshold():
    """Where one factor has much and the other little: √(1 · 4) = √(4 · 1)."""
    noise = aligned((1.0, 4.0), (4.0, 1.0))
    assert eq.theory.threshold(noise, SHAPES) == pytest.approx(2.0, rel=1e-12)
    signal = eq.problems.planted((6, 4), 2).signal
    with pytest.raises(eq.InputError, match="isotropic"):
        eq.theory.escape_eigenvalue(signal, noise, SHAPES, ())


def test_errors():
    with pytest.raises(eq.InputError, match="different amounts"):
        eq.theory.threshold(aligned((0.09, 0.01), (1.0, 1.0)), SHAPES)
    with pytest.raises(eq.InputError, match="noise on Y is zero"):
        eq.theory.noise_balance(eq.noise.Gaussian(std=(0.1, 0.0)), SHAPES)
    with pytest.raises(eq.InputError, match="infinite second moments"):
        eq.theory.thresholds(eq.noise.StudentT(scale=0.1, degrees_of_freedom=1.5), SHAPES)
    with pytest.raises(eq.InputError, match="the shapes of X and Y"):
        eq.theory.thresholds(eq.noise.Gaussian(std=0.1), ((6, 2), (4, 3)))
