"""What the page on studies says of theory, and that the points of the studies can be run."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import equipoise as eq

STUDIES = Path(__file__).parents[2] / "examples/studies"


@pytest.fixture
def script(monkeypatch):
    """A function that reads a study by its name."""
    monkeypatch.syspath_prepend(str(STUDIES))
    return lambda name: runpy.run_path(str(STUDIES / f"{name}.py"))


@pytest.mark.parametrize("size", [0.1, 0.5, 0.9, 1.3])
def test_the_boundary_of_the_map_is_kept_by_a_step_and_triples_the_angle(size):
    angle = np.linspace(0.1, 3.0, 7)
    e = 2 * np.cos(angle) / size
    s, p = 4 / size + size * e, e + 1
    x, y = (np.sqrt(s + 2 * p) + np.sqrt(s - 2 * p)) / 2, (np.sqrt(s + 2 * p) - np.sqrt(s - 2 * p)) / 2
    x, y = x - size * (x * y - 1) * y, y - size * (x * y - 1) * x
    np.testing.assert_allclose(x**2 + y**2 - size * x * y, 4 / size - size, rtol=1e-12)
    np.testing.assert_allclose(size * (x * y - 1), 2 * np.cos(3 * angle), atol=1e-11)


@pytest.mark.parametrize("size", [0.5, 1.3])
def test_starts_just_inside_the_boundary_stay_and_just_outside_diverge(script, size):
    valley = script("large_steps")
    edge = {}
    for factor in (0.99, 1.01):
        problem, method, _ = valley["make_valley"](size, 3)
        angle = np.linspace(0, np.pi, 9)
        direction = np.stack([np.cos(angle), np.sin(angle)])
        length = np.sqrt((4 / size - size) / (1 - size * direction[0] * direction[1]))
        x, y = factor * length * direction
        start = eq.initial.Given((x.reshape(-1, 1, 1), y.reshape(-1, 1, 1)))
        edge[factor] = eq.simulate(problem, method, start, seed=0, replicates=9, steps=400).dataset["status"].values
    assert set(edge[0.99]) == {"completed"}
    assert set(edge[1.01]) == {"diverged"}


def test_the_start_of_the_matrix_study_has_the_curvature_that_is_asked_for(script):
    problem, method, start = script("large_steps")["make"](2.0, 7.0, 1)
    run = eq.simulate(problem, method, start, seed=0, replicates=20, steps=1, record=eq.Record(1, "sharpness"))
    np.testing.assert_allclose(run.dataset["sharpness"].isel(step=0), 7.0, rtol=2e-3)


def test_the_two_number_model_keeps_a_gap_below_2_and_lowers_it_above(script):
    left = script("large_steps")["catapult"](np.array([1.5, 2.2, 3.0]))
    np.testing.assert_allclose(left[0], 1, atol=1e-6)
    assert (left[1] * 2.2 < 2).all()
    assert (left[2] < 0.15).all()


def test_greedy_learning_fits_and_is_not_below_the_minimum(script):
    study = script("completion_phase")
    problem, matrix, known = study["instance"](3.0, 36, 0)
    proof = eq.certified.minimum_nuclear_norm((*known, matrix.shape), matrix[known], psd=True)
    assert study["greedy"](problem, matrix, known) > proof.upper * (1 - 1e-3)


@pytest.mark.parametrize("name", ["large_steps", "completion_phase"])
def test_every_point_of_a_study_can_be_made(script, name):
    study = script(name)["study"](quick=True)
    problem, method, start = study.make(**study.points[0])
    run = eq.simulate(problem, method, start, seed=0, replicates=study.replicates, steps=3, record=study.record)
    assert set(run.dataset["status"].values) == {"completed"}
