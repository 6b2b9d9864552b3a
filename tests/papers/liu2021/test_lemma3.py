"""Lemma 3: the claim holds, and would not if the lemma were false."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.papers.liu2021.lemma3 import CLAIM, noise_of, printed_minimum


@pytest.fixture(scope="module")
def data(quick):
    return quick(CLAIM.id)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_the_noise_is_that_of_the_lemma(gamma):
    """σ² = E‖ξ₁‖² = γ² E‖ξ₂‖²; the printed minimum is the one that soft-thresholding by σ²/γ gives."""
    problem = eq.problems.planted((20, 30), 1, seed=1)
    noise = noise_of(gamma, 0.3, (20, 30))
    first, second = (m.item() for m in eq.theory.second_moments(noise, problem.shapes))
    assert first == pytest.approx(0.3)
    assert gamma**2 * second == pytest.approx(0.3)
    closed_form = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    for ours, printed in zip(closed_form, printed_minimum(problem, gamma, 0.3), strict=True):
        np.testing.assert_allclose(ours, printed, atol=1e-12)


@pytest.mark.parametrize(
    ("part", "variable", "change"),
    [
        ("grid", "distance", 1e-6),
        ("grid", "balance", 1e-6),
        ("grid", "gradient", 1e-6),
        ("grid", "smallest_eigenvalue", 1e-6),
        ("grid", "found_gradient", 1e-6),
        ("averages", "mean", 0.5),
        ("averages", "standard_error", 0.5),
        ("edges", "smallest_eigenvalue", -0.1),
        ("edges", "gradient", 1e-6),
    ],
)
def test_another_measurement_would_fail(data, part, variable, change):
    changed = {**data, part: data[part].assign({variable: data[part][variable] + change})}
    assert not all(c.holds for c in CLAIM.check(changed))


def test_a_third_minimum_would_fail(data):
    grid = data["grid"]
    elsewhere = grid.assign(found_to_minima=grid["found_to_minima"] + 0.1)
    failed = {c.name for c in CLAIM.check({**data, "grid": elsewhere}) if not c.holds}
    assert "neither a printed minimum nor the origin" in failed


@pytest.mark.parametrize(
    ("part", "variable"),
    [
        ("grid", "distance"),
        ("grid", "balance"),
        ("grid", "found_gradient"),
        ("averages", "mean"),
        ("edges", "smallest_eigenvalue"),
    ],
)
def test_a_single_nan_fails(data, part, variable):
    values = data[part][variable].copy(deep=True)
    values[..., -1] = np.nan
    assert not all(c.holds for c in CLAIM.check({**data, part: data[part].assign({variable: values})}))
