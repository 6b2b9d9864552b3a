"""The native engine's paths of completions are those of XLA, up to rounding, with every build."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.machine import native

SHAPE = (12, 9)


def falling(step):
    return 0.02 / (1 + 0.01 * step)


METHODS = {
    "gradient descent": eq.dynamics.GradientDescent((0.02, 0.03)),
    "perturbed": eq.dynamics.PerturbedGD(0.02, eq.noise.Gaussian((0.05, 0.08))),
    "schedules": eq.dynamics.PerturbedGD((falling, 0.02), eq.noise.Gaussian((0.05, falling))),
    "fading": eq.dynamics.PerturbedGD(0.02, eq.noise.Gaussian(eq.noise.Fading(0.05, 250))),
    "until": eq.dynamics.PerturbedGD(0.02, eq.noise.Until(eq.noise.Gaussian(0.05), 170)),
}


def _problem(width=4, dtype=np.float64, shape=SHAPE, count=50, **options):
    generator = np.random.default_rng(0)
    places = generator.permutation(shape[0] * shape[1])[:count]
    rows, columns = places // shape[1], places % shape[1]
    kept = (rows != 2) & (columns != shape[1] - 1)  # a row and a column without entries
    values = generator.standard_normal(int(kept.sum()))
    entries = rows[kept], columns[kept], values
    return eq.problems.completion(entries, shape=shape, width=width, dtype=dtype, **options)


def _run(problem, method, engine, *, replicates=5, steps=400, **options):
    record = eq.Record(every=150, observables=("loss", "balance")[: len(problem.shapes)])
    options = {"seed": 2, "replicates": replicates, "steps": steps, "record": record, "engine": engine} | options
    return eq.simulate(problem, method, eq.initial.Gaussian(0.3), **options)


@pytest.fixture(scope="module")
def reference():
    """The paths of XLA; each is made once for all builds."""
    made = {}

    def of(method, steps=400, **options):
        key = (method, steps, *options.items())
        if key not in made:
            made[key] = _run(_problem(**options), METHODS[method], "xla", steps=steps)
        return made[key]

    return of


@pytest.mark.parametrize("method", METHODS)
def test_methods(assert_same_paths, build, reference, method):
    assert_same_paths(_run(_problem(), METHODS[method], "native"), reference(method), 1e-13)


@pytest.mark.parametrize("width", [1, 9, 70])
def test_widths(assert_same_paths, build, reference, width):
    found = _run(_problem(width), METHODS["perturbed"], "native")
    assert_same_paths(found, reference("perturbed", width=width), 1e-12)


@pytest.mark.parametrize("options", [{"scale": 0.25}, {"forms_product": False}], ids=["scale", "gathered"])
def test_scales_and_forms(assert_same_paths, build, reference, options):
    found = _run(_problem(**options), METHODS["perturbed"], "native")
    assert_same_paths(found, reference("perturbed", **options), 1e-13)


def test_single_precision(assert_same_paths, build, reference):
    found = _run(_problem(dtype=np.float32), METHODS["perturbed"], "native")
    assert_same_paths(found, reference("perturbed", dtype=np.float32), 1e-4)


def test_two_thousand_steps(assert_same_paths, build, reference):
    found = _run(_problem(), METHODS["perturbed"], "native", steps=2000)
    assert_same_paths(found, reference("perturbed", steps=2000), 1e-12)


@pytest.mark.parametrize("replicates", [1, 2, 5])
def test_threads_and_replicates_make_no_difference(build, monkeypatch, replicates):
    """Not even of rounding: whether threads share a replicate or each takes its own."""
    problem = _problem(64, shape=(90, 80), count=6500)  # enough work to be shared
    monkeypatch.setenv(native.THREADS_VARIABLE, "1")
    wanted = _run(problem, METHODS["perturbed"], "native", replicates=5, steps=20)
    monkeypatch.setattr(native, "threads", lambda: 4)
    monkeypatch.setattr("equipoise.simulation.engines.native.call.threads", lambda: 4)
    found = _run(problem, METHODS["perturbed"], "native", replicates=replicates, steps=20)
    for one, other in zip(found.theta, wanted.theta, strict=True):
        np.testing.assert_array_equal(one, other[:replicates])


def test_some_diverge(build):
    """At the same step as on XLA, keeping the last bounded θ; the others go on."""
    method = eq.dynamics.PerturbedGD(0.16, eq.noise.Gaussian(0.1))
    found, wanted = (_run(_problem(), method, engine, steps=60, replicates=9) for engine in ("native", "xla"))
    assert {status.name for status in wanted.status} == {"completed", "diverged"}
    assert found.status == wanted.status
    np.testing.assert_array_equal(found.dataset["end_step"], wanted.dataset["end_step"])
    for one, other in zip(found.theta, wanted.theta, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-12)


def test_an_entry_that_is_given_twice_counts_twice(assert_same_paths, build):
    seen = eq.problems.Entries(np.array([0, 1, 0]), np.array([1, 0, 1]), (2, 2))
    problem = eq.problems.Factored(
        eq.problems.LinearMap(seen, np.array([1.0, 2.0, 0.5])), eq.problems.Asymmetric((2, 2), 2)
    )
    found, wanted = (_run(problem, METHODS["perturbed"], engine) for engine in ("native", "xla"))
    assert_same_paths(found, wanted, 1e-13)


needs_module = pytest.mark.skipif(bool(native.missing()), reason="installed without a C++ compiler")


@needs_module
@pytest.mark.parametrize(("width", "count", "chosen"), [(4, 108, "native"), (41, 108, "xla"), (41, 30, "native")])
def test_auto_takes_the_faster_engine(width, count, chosen):
    found = _run(_problem(width, count=count), METHODS["perturbed"], "auto", steps=1, replicates=1)
    assert found.dataset.attrs["engine"] == chosen


@needs_module
@pytest.mark.parametrize(
    ("problem", "why"),
    [
        (_problem(2049, count=3), "at most 2048 columns, and these have 2049"),
        (_problem(2, shape=(9, 9), parametrization="symmetric"), "runs factorizations XYᵀ alone"),
        (
            eq.problems.Factored(
                eq.problems.LinearMap(
                    eq.problems.Entries(np.array([0, 2]), np.array([1, 0]), (2, 2)), np.array([1.0, 2.0])
                ),
                eq.problems.Asymmetric((2, 2), 1),
            ),
            "needs entries within the matrix",
        ),
    ],
    ids=["wide", "symmetric", "outside"],
)
def test_what_it_refuses(problem, why):
    with pytest.raises(eq.InputError, match=why):
        _run(problem, METHODS["until"], "native", steps=1)
    assert _run(problem, METHODS["until"], "auto", steps=1, replicates=1).dataset.attrs["engine"] == "xla"
