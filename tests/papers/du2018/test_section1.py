"""Section 1: what its claims measure, and that they fail and are judged otherwise on wrong data."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.papers import Verdict
from equipoise.papers.du2018 import initializations, section1


def test_the_penalized_objective_is_that_of_equation_3():
    """By its gradient: that of ½‖UVᵀ − M‖², plus ½U(UᵀU − VᵀV) and −½V(UᵀU − VᵀV)."""
    problem = eq.problems.planted(section1.SHAPE, 2, values=section1.VALUES, seed=3)
    u, v = (np.random.default_rng(0).standard_normal(shape) for shape in problem.shapes)
    matrix = (problem.signal.left * problem.signal.values) @ problem.signal.right.T
    gap = u.T @ u - v.T @ v
    found = eq.problems.custom(section1.penalized, problem.shapes, data=np.asarray(matrix)).gradient((u, v))
    plain = problem.gradient((u, v))
    for one, other, added in zip(found, plain, (u @ gap / 2, -v @ gap / 2), strict=True):
        np.testing.assert_allclose(one, np.asarray(other) + added, rtol=1e-12, atol=1e-12)


def test_a_gradient_that_changes_less_is_noticed(quick, failing, judgement):
    right = quick("section1")
    slower = right["optima"].assign(change=right["optima"]["change"] * right["optima"]["epsilon"] ** 0.1)
    assert len(failing("section1", {**right, "optima": slower})) == 2
    assert judgement("section1", right).verdict is Verdict.HOLDS
    assert judgement("section1", {**right, "optima": slower}).verdict is Verdict.DOES_NOT_HOLD


def test_a_curvature_that_is_off_is_noticed(quick, failing, judgement):
    right = quick("section1")
    off = {name: right[name].assign(curvature=right[name]["curvature"] * 1.01) for name in ("optima", "rotations")}
    assert len(failing("section1", {**right, "optima": off["optima"]})) == 1
    assert len(failing("section1", {**right, "rotations": off["rotations"]})) == 1
    assert judgement("section1", {**right, "rotations": off["rotations"]}).verdict is Verdict.DOES_NOT_HOLD
    far = right["multiples"].assign(curvature=right["multiples"]["curvature"] ** 0.9)
    assert len(failing("section1", {**right, "multiples": far})) == 1


def test_variances_are_those_of_the_schemes():
    assert initializations.variances("Xavier", (3, 1)) == pytest.approx([0.5])
    assert initializations.variances("Kaiming", (4, 8, 2)) == pytest.approx([0.5, 0.25])
    assert initializations.variances("1/√d", (4, 8, 2)) == pytest.approx([0.25, 0.125])


def test_squared_norms_in_law_are_those_of_drawn_layers():
    """Means and standard deviations over 2000 drawn layers: within 5 standard errors."""
    widths, count = (6, 5, 4), 2000
    entries = np.array([30, 20])
    variance = initializations.variances("Kaiming", widths)
    random = np.random.default_rng(1)
    for layer in (0, 1):
        drawn = (variance[layer] * random.standard_normal((count, entries[layer])) ** 2).sum(axis=1)
        in_law = variance[layer] * random.chisquare(entries[layer], count)
        error = np.hypot(drawn.std(), in_law.std()) / count**0.5
        assert abs(drawn.mean() - in_law.mean()) < 5 * error


def test_schemes_and_networks_are_told_apart(quick, failing, judgement):
    right = quick("initializations")
    starts = right["starts"]
    other = starts.assign_coords(scheme=starts["scheme"].values[::-1])
    assert len(failing("initializations", {**right, "starts": other})) == 2
    exchanged = starts.assign_coords(network=starts["network"].values[::-1])
    assert len(failing("initializations", {**right, "starts": exchanged})) == 4
    equal = starts.assign(squared_norms=starts["squared_norms"] / starts["squared_norms"].mean("start"))
    assert judgement("initializations", right).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("initializations", {**right, "starts": equal}).verdict is Verdict.HOLDS


def test_flows_that_drift_stand_still_or_become_balanced_are_noticed(quick, failing):
    right = quick("initializations")
    paths = right["paths"]
    drifting = paths.assign(norm_differences=paths["norm_differences"] * (1 + 0.02 * paths["time"]))
    assert len(failing("initializations", {**right, "paths": drifting})) == 1
    still = paths.assign(squared_norms=paths["squared_norms"].isel(time=0).broadcast_like(paths["squared_norms"]))
    assert "flows: smallest median change of the squared norms" in failing("initializations", {**right, "paths": still})
    mean = paths["squared_norms"].mean("layer").broadcast_like(paths["squared_norms"])
    balanced = paths.assign(squared_norms=0.9 * mean + 0.1 * paths["squared_norms"])
    assert {
        "flows: smallest median relative difference at the start",
        "flows: smallest median relative difference at the end",
    } <= failing("initializations", {**right, "paths": balanced})
