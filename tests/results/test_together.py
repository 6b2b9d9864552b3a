"""Ensembles that differ in numbers alone, run as one: the same runs as one by one."""

import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.core.errors import InputError
from equipoise.machine import native
from equipoise.results import Case, simulate_together

TARGET = np.random.default_rng(0).standard_normal((4, 5))
RECORD = eq.Record(every=20, observables=("loss", "balance"))


def alone(case, **settings):
    return eq.simulate(case.problem, case.dynamics, case.init, seed=case.seed, **settings)


def assert_same(found, wanted, tolerance=1e-9):
    assert found.status == wanted.status
    assert found.dataset.attrs["settings"] == wanted.dataset.attrs["settings"]
    assert found.dataset.attrs["engine"] == wanted.dataset.attrs["engine"]
    np.testing.assert_array_equal(found.dataset["step"], wanted.dataset["step"])
    np.testing.assert_array_equal(found.dataset["replicate"], wanted.dataset["replicate"])
    np.testing.assert_array_equal(found.dataset["end_step"], wanted.dataset["end_step"])
    for name in ("loss", "balance"):
        np.testing.assert_allclose(found.dataset[name], wanted.dataset[name], rtol=tolerance)
    for one, other in zip(found.theta, wanted.theta, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=1e-12)


def perturbed(step_size=0.02, std=0.1, start=0.1, seed=0, matrix=TARGET):
    return Case(
        eq.problems.factorization(matrix, rank=2),
        eq.dynamics.PerturbedGD(step_size, eq.noise.Gaussian(std)),
        eq.initial.Gaussian(start),
        seed,
    )


def annealed(std, last):
    noise = eq.noise.Until(eq.noise.Gaussian(eq.noise.Annealed(std, 30.0, 150.0)), last)
    return perturbed()._replace(dynamics=eq.dynamics.PerturbedGD(0.02, noise))


HEAVY_BALL = optax.trace(0.9)


def momentum(step_size):
    return perturbed()._replace(dynamics=eq.dynamics.Optax(HEAVY_BALL, step_size))


@pytest.mark.parametrize("engine", ["native", "xla"])
@pytest.mark.parametrize(
    "cases",
    [
        [perturbed(step_size=size, seed=seed) for seed, size in enumerate((0.01, 0.02, 9.0))],
        [perturbed(std=std, seed=5) for std in (0.0, 0.2, 0.1, 0.2)],
        [perturbed(start=std, seed=3) for std in (0.01, 0.1)],
        [perturbed(matrix=c * TARGET, seed=3) for c in (1.0, 0.5)],
        [annealed(0.1, 100), annealed(0.2, 50)],
        [perturbed(seed=1), perturbed(seed=2)],
    ],
    ids=["step size", "noise", "start", "matrix", "schedule", "seed alone"],
)
def test_runs_are_those_that_simulate_gives(cases, engine):
    if engine == "native" and native.compiled() is None:
        pytest.skip("the package was installed without a C++ compiler")
    settings = {"steps": 150, "replicates": 3, "record": RECORD, "engine": engine}
    for found, case in zip(simulate_together(cases, **settings), cases, strict=True):
        assert_same(found, alone(case, **settings))


def test_a_method_with_a_state_goes_on_from_its_own():
    cases = [momentum(0.002), momentum(0.004)]
    settings = {"steps": 60, "replicates": 2, "record": RECORD}
    runs = simulate_together(cases, **settings)
    for run, case in zip(runs, cases, strict=True):
        assert_same(run, alone(case, **settings))
        on = eq.simulate(case.problem, case.dynamics, resume=run, steps=40)
        assert_same(on, eq.simulate(case.problem, case.dynamics, resume=alone(case, **settings), steps=40))


def test_the_optimum_is_that_of_each_problem():
    cases = [perturbed(matrix=c * TARGET) for c in (1.0, 0.5)]
    settings = {"steps": 20, "record": eq.Record(every=10, observables=("distance",)), "engine": "xla"}
    for found, case in zip(simulate_together(cases, **settings), cases, strict=True):
        np.testing.assert_allclose(found.dataset["distance"], alone(case, **settings).dataset["distance"], rtol=1e-9)


def test_replicates_are_numbered_from_the_first():
    case = perturbed(seed=4)
    settings = {"steps": 40, "record": RECORD}
    later = simulate_together([case], replicates=2, first_replicate=3, **settings)[0]
    whole = alone(case, replicates=5, **settings)
    np.testing.assert_array_equal(later.dataset["replicate"], [3, 4])
    np.testing.assert_array_equal(later.dataset["loss"], whole.dataset["loss"][3:])


def test_one_program_serves_all_cases(monkeypatch):
    from equipoise.simulation import ensemble

    runs = []
    monkeypatch.setattr(
        "equipoise.results.together.run_ensemble",
        lambda *arguments: runs.append(arguments) or ensemble.run_ensemble(*arguments),
    )
    simulate_together([perturbed(step_size=s) for s in (0.01, 0.02, 0.03)], steps=10, replicates=2)
    assert len(runs) == 1


@pytest.mark.parametrize(
    "other",
    [
        perturbed()._replace(problem=eq.problems.factorization(TARGET, rank=1)),
        perturbed()._replace(dynamics=eq.dynamics.GradientDescent(0.01)),
        perturbed()._replace(init=eq.initial.Gaussian((0.1, 0.2))),
    ],
)
def test_cases_that_differ_in_more_than_numbers_are_refused(other):
    with pytest.raises(InputError, match="differ in more than numbers"):
        simulate_together([perturbed(), other], steps=10)


def test_no_cases_are_no_runs():
    assert simulate_together([], steps=10) == []
