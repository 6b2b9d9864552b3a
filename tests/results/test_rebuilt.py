"""Runs rebuilt from their datasets, to the last bit; what a dataset cannot hold is asked for by name."""

import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.results.recipe import read, written

MATRIX = np.random.default_rng(0).standard_normal((6, 5))
START = eq.initial.Gaussian(0.1)
RUNS = {
    "perturbed": (
        eq.problems.planted((20, 30), 2, seed=1),
        eq.dynamics.PerturbedGD(eq.dynamics.PowerDecay(0.1, 0.5), eq.noise.Gaussian((0.1, 0.2))),
        START,
    ),
    "batches": (
        eq.problems.sensing(MATRIX.reshape(3, 2, 5), np.ones(3), parametrization="asymmetric", width=1),
        eq.dynamics.Minibatch(eq.dynamics.GradientDescent(0.01), 2, "epochs"),
        eq.initial.Unbalanced(START, 2.0),
    ),
    "network": (
        eq.problems.planted_network((3, 4, 2), 5, seed=0),
        eq.dynamics.SharpnessAware(eq.dynamics.GradientDescent(0.05), 0.1),
        START,
    ),
}


def _same(one, other):
    for a, b in zip(one.theta, other.theta, strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.status == other.status
    assert set(one.dataset.variables) == set(other.dataset.variables)
    for name in one.dataset.variables:
        np.testing.assert_array_equal(one.dataset[name].values, other.dataset[name].values)


@pytest.mark.parametrize("name", RUNS)
def test_a_saved_run_is_rebuilt_to_the_last_bit(name, tmp_path):
    settings = {"seed": 4, "steps": 6, "replicates": [1, 3], "record": eq.Record(2, ["loss"]), "progress": False}
    run = eq.simulate(*RUNS[name], **settings, stop=eq.StopWhen("loss", below=1e-9))
    _same(eq.rebuild(run.dataset), run)
    saved = eq.load(run.save(tmp_path / "run.nc"))
    _same(eq.rebuild(saved.dataset), run)


def test_a_continued_run_is_continued_again():
    problem, method, init = RUNS["perturbed"]
    half = eq.simulate(problem, method, init, seed=0, steps=3, progress=False)
    run = eq.simulate(problem, method, resume=half, steps=4, progress=False)
    _same(eq.rebuild(run), run)


def test_what_cannot_be_held_is_asked_for_and_checked():
    problem = RUNS["perturbed"][0]
    method = eq.dynamics.Optax(optax.adam(0.1))
    run = eq.simulate(problem, method, START, seed=0, steps=3, progress=False)
    with pytest.raises(eq.InputError, match=r"The method cannot be rebuilt .* pass it as dynamics="):
        eq.rebuild(run)
    _same(eq.rebuild(run, dynamics=method), run)
    with pytest.raises(eq.InputError, match="The method is not that of the run"):
        eq.rebuild(run, dynamics=eq.dynamics.Optax(optax.adam(0.2)))
    large = eq.problems.factorization(np.random.default_rng(1).standard_normal((120, 120)), 1)
    big = eq.simulate(large, eq.dynamics.GradientDescent(1e-3), START, seed=0, steps=1, progress=False)
    with pytest.raises(eq.InputError, match="too large to be kept in a dataset; pass it as problem="):
        eq.rebuild(big)
    _same(eq.rebuild(big, problem=large), big)


def test_no_code_is_run_that_a_file_names():
    assert read(written(START)).std.values[0] == 0.1
    run = eq.simulate(*RUNS["perturbed"], seed=0, steps=1, progress=False)
    with pytest.raises(eq.InputError, match="recipe is damaged"):
        read("no recipe")
    several = run.dataset.assign_attrs(seed="0, 1")
    with pytest.raises(eq.InputError, match="not that of one run with one seed"):
        eq.rebuild(several)
