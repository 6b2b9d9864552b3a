"""Replicates that do not fit into memory at once."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.simulation import memory
from equipoise.simulation.memory import explained_if_full, fitted, free_bytes, replicate_bytes
from equipoise.simulation.plan import Plan, Schedule
from equipoise.simulation.setup import make_experiment

PROBLEM = eq.problems.planted((30, 20), 2)
EXPERIMENT = make_experiment(PROBLEM, eq.dynamics.GradientDescent(0.1), eq.Record())
PLAN = Plan(0, Schedule(0, 1, eq.Record()))
EACH = 8 * (30 + 20) * 2


def _with(monkeypatch, free):
    monkeypatch.setattr(memory, "free_bytes", lambda: free)


def test_the_size_of_a_replicate_is_that_of_its_arrays():
    assert replicate_bytes(EXPERIMENT) == EACH
    assert free_bytes() > 0


def test_the_chunk_fits_and_changes_no_number(monkeypatch):
    settings = {"seed": 0, "steps": 3, "replicates": 10, "progress": False}
    whole = eq.simulate(PROBLEM, eq.dynamics.GradientDescent(0.1), eq.initial.Gaussian(0.1), **settings)
    _with(monkeypatch, 50 * EACH)
    assert 1 <= fitted(PLAN, EXPERIMENT, 10).chunk < 10
    parts = eq.simulate(PROBLEM, eq.dynamics.GradientDescent(0.1), eq.initial.Gaussian(0.1), **settings)
    np.testing.assert_allclose(parts.theta[0], whole.theta[0], rtol=1e-13)


def test_enough_memory_and_a_chosen_chunk_change_nothing(monkeypatch):
    _with(monkeypatch, 1000 * EACH)
    assert fitted(PLAN, EXPERIMENT, 10) == PLAN
    _with(monkeypatch, 50 * EACH)
    assert fitted(PLAN._replace(chunk=4), EXPERIMENT, 10).chunk == 4


@pytest.mark.parametrize(("free", "words"), [(20 * EACH, r"run at most \d at a time"), (EACH, "smaller problem")])
def test_results_that_do_not_fit_are_refused_with_the_way_out(monkeypatch, free, words):
    _with(monkeypatch, free)
    with pytest.raises(eq.InputError, match=words):
        fitted(PLAN, EXPERIMENT, 10)


def test_running_out_on_the_way_names_chunk():
    with pytest.raises(eq.InputError, match="chunk=25"), explained_if_full(100):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8000000000 bytes.")
    with pytest.raises(jax.errors.JaxRuntimeError), explained_if_full(100):
        raise jax.errors.JaxRuntimeError("INTERNAL: something else")
