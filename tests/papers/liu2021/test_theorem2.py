"""Theorem 2: the claim holds, and would not if the theorem were false."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.liu2021.theorem2 import CLAIM, noise_of, printed_minimum, procrustes


@pytest.fixture(scope="module")
def data(quick):
    return quick(CLAIM.id)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_the_noise_is_that_of_the_theorem(gamma):
    """E‖ξ₁‖² = γ²E‖ξ₂‖² = rγ²σ² with γσ² = 0.3; the printed minimum is ours."""
    problem = eq.problems.planted((6, 5), 3, values=(2.0, 1.5, 1.0), seed=1)
    noise = noise_of(gamma, 0.3, (6, 5))
    first, second = (np.trace(m) for m in eq.theory.second_moments(noise, problem.shapes))
    assert second == pytest.approx(3 * 0.3 / gamma)
    assert first == pytest.approx(gamma**2 * second)
    closed_form = eq.theory.smoothed_minimum(problem.signal, noise, problem.shapes)
    printed = printed_minimum(problem.signal, gamma, 0.3)
    assert procrustes(tuple(w[None] for w in closed_form), printed)[0] < 1e-12


def test_procrustes_distance_is_that_of_the_observable():
    problem = eq.problems.planted((6, 5), 3, values=(2.0, 1.5, 1.0), seed=1)
    random = np.random.default_rng(0)
    theta = tuple(random.standard_normal(shape) for shape in problem.shapes)
    ours = procrustes(tuple(w[None] for w in theta), problem.signal.factors(2.0))[0]
    observed = eq.evaluate(problem, theta, [eq.observables.distance(2.0)])["distance"]
    assert ours == pytest.approx(float(observed), rel=1e-12)


@pytest.mark.parametrize(
    ("part", "variable", "change"),
    [
        ("enumerated", "gradient_norm", 1e-6),
        ("enumerated", "gap", 1e-6),
        ("enumerated", "smallest_eigenvalue", 1e-6),
        ("searched", "gradient_norm", 1e-6),
        ("searched", "gap", 1e-6),
        ("searched", "to_known", 1e-6),
        ("searched", "distance", 1e-6),
        ("searched", "smallest_eigenvalue", 2.0),
        ("large", "gap", 1e-6),
        ("large", "smallest_eigenvalue", -1e-6),
        ("descended", "distance", 1e-6),
        ("perturbed", "distance", 1.0),
        ("perturbed", "matrix_gap", 1.0),
        ("perturbed_finer", "distance", 1.0),
    ],
)
def test_another_measurement_would_fail(data, part, variable, change):
    changed = {**data, part: data[part].assign({variable: data[part][variable] + change})}
    assert not all(c.holds for c in CLAIM.check(changed))


def test_the_figure_shows_both_methods(data):
    figure = CLAIM.draw(data)
    assert isinstance(figure, Figure)
    assert len(figure.axes) == 2


@pytest.mark.parametrize(
    ("part", "variable"),
    [
        ("enumerated", "gap"),
        ("enumerated", "smallest_eigenvalue"),
        ("searched", "gap"),
        ("searched", "gradient_norm"),
        ("large", "smallest_eigenvalue"),
        ("descended", "distance"),
        ("perturbed", "distance"),
    ],
)
def test_a_single_nan_fails(data, part, variable):
    values = data[part][variable].copy(deep=True)
    values[..., -1] = np.nan
    assert not all(c.holds for c in CLAIM.check({**data, part: data[part].assign({variable: values})}))
