"""When the native engine is chosen, why it refuses, and what happens without it."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.machine import native

PROBLEM = eq.problems.planted((5, 4), 2)
NOISE = eq.noise.Gaussian(0.05)
PERTURBED = eq.dynamics.PerturbedGD(0.02, NOISE)
OPTIONS = {"init": eq.initial.Gaussian(0.1), "seed": 0, "steps": 4, "record": eq.Record(4, ("loss",))}

needs_module = pytest.mark.skipif(native.compiled() is None, reason="installed without a C++ compiler")


def _refusal(problem=PROBLEM, method=PERTURBED):
    with pytest.raises(eq.InputError) as caught:
        eq.simulate(problem, method, engine="native", **OPTIONS)
    return str(caught.value)


@needs_module
def test_it_is_chosen_where_it_can_run():
    assert eq.simulate(PROBLEM, PERTURBED, **OPTIONS).dataset.attrs["engine"] == "native"
    label = eq.dynamics.PerturbedGD(0.02, eq.noise.Uniform(0.05))
    assert eq.simulate(PROBLEM, label, **OPTIONS).dataset.attrs["engine"] == "xla"


@needs_module
@pytest.mark.parametrize(
    ("problem", "engine"),
    [
        (eq.problems.planted((3000, 1200), 1), "native"),
        (eq.problems.factorization(np.eye(90, 60), rank=28), "xla"),  # products of a whole matrix are fast there
        (eq.problems.planted((80_000, 60_000), 1), "xla"),
    ],
)
def test_large_problems_go_where_they_are_faster(problem, engine):
    options = OPTIONS | {"steps": 1, "record": eq.Record(1, ("loss",))}
    assert eq.simulate(problem, PERTURBED, **options).dataset.attrs["engine"] == engine


@needs_module
@pytest.mark.parametrize(
    ("problem", "method", "why"),
    [
        (
            PROBLEM,
            eq.dynamics.PerturbedGD(0.02, eq.noise.Uniform(0.05)),
            "draws isotropic Gaussian noise alone, not Uni",
        ),
        (PROBLEM, eq.dynamics.LineSearch(1.0), "runs GradientDescent and PerturbedGD alone, not Line"),
        (
            eq.problems.planted_network((3, 2, 2), 4, seed=0),
            PERTURBED,
            "runs factorizations XYᵀ alone, of a whole matrix or of some entries",
        ),
    ],
)
def test_it_says_why_it_refuses(problem, method, why):
    refusal = _refusal(problem, method)
    assert refusal.startswith("The native engine ")
    assert why in refusal
    assert refusal.endswith("use engine='auto'.")


def test_without_a_compiler_everything_runs_on_xla(monkeypatch):
    monkeypatch.setattr(native, "_MODULE", "equipoise._not_there")
    monkeypatch.setattr(native, "_loaded", native._loaded.__wrapped__)
    assert eq.simulate(PROBLEM, PERTURBED, **OPTIONS).dataset.attrs["engine"] == "xla"
    assert "was not built, since no C++ compiler was found" in _refusal()
    assert native.in_words().startswith("was not built")


def test_a_module_that_cannot_be_loaded_is_not_called_missing(monkeypatch, tmp_path):
    (tmp_path / "broken_module.py").write_text("raise ImportError('undefined symbol: dot')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(native, "_MODULE", "broken_module")
    monkeypatch.setattr(native, "_loaded", native._loaded.__wrapped__)
    assert native.in_words() == "cannot be loaded: undefined symbol: dot"
    assert eq.simulate(PROBLEM, PERTURBED, **OPTIONS).dataset.attrs["engine"] == "xla"


@needs_module
def test_a_build_that_this_processor_cannot_run_is_refused(monkeypatch):
    monkeypatch.setenv(native.BUILD_VARIABLE, "avx4096")
    assert "has no build 'avx4096' that this processor can run" in _refusal()
    assert eq.simulate(PROBLEM, PERTURBED, **OPTIONS).dataset.attrs["engine"] == "xla"


@needs_module
def test_it_says_what_it_uses(monkeypatch):
    monkeypatch.setenv(native.BUILD_VARIABLE, "plain")
    monkeypatch.setenv(native.THREADS_VARIABLE, "1")
    assert native.in_words() == "plain, 1 thread"


@pytest.mark.parametrize(("value", "most"), [("1", 1), ("", 4096), ("many", 4096), ("0", 4096)])
def test_threads_can_be_limited(monkeypatch, value, most):
    for name in ("PJRT_NPROC", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(native.THREADS_VARIABLE, value)
    assert 1 <= native.threads() <= most


@needs_module
def test_the_caller_keeps_its_arrays():
    """The engine advances copies."""
    start = tuple(np.full((1, *shape), 0.5) for shape in PROBLEM.shapes)
    kept = tuple(w.copy() for w in start)
    eq.simulate(PROBLEM, PERTURBED, engine="native", **OPTIONS | {"init": eq.initial.Given(start)})
    for one, other in zip(start, kept, strict=True):
        np.testing.assert_array_equal(one, other)
