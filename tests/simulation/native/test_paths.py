"""The native engine's paths are those of XLA, up to rounding, with every build."""

import numpy as np
import pytest
import scipy.sparse

import equipoise as eq

RANDOM = np.random.default_rng(5)
LEFT, RIGHT = RANDOM.standard_normal((7, 2)), RANDOM.standard_normal((9, 2)) / 3
SPREAD = scipy.sparse.random_array((7, 9), density=0.2, rng=RANDOM)
TARGETS = {"dense": LEFT @ RIGHT.T, "factored": (LEFT, RIGHT), "sparse": SPREAD}
NOISE = eq.noise.Gaussian((0.05, 0.08))


def falling(step):
    return 0.02 / (1 + 0.01 * step)


METHODS = {
    "gradient descent": eq.dynamics.GradientDescent((0.02, 0.03)),
    "perturbed": eq.dynamics.PerturbedGD(0.02, NOISE),
    "schedules": eq.dynamics.PerturbedGD((falling, 0.02), eq.noise.Gaussian((0.05, falling))),
}
STEPS = 400


def _run(target, rank, method, engine, *, dtype=np.float64, replicates=11, steps=STEPS, **options):
    problem = eq.problems.factorization(target, rank=rank, dtype=dtype)
    record = eq.Record(every=150, observables=("loss", "balance"))
    options = {"seed": 2, "replicates": replicates, "steps": steps, "record": record, "engine": engine} | options
    return eq.simulate(problem, method, eq.initial.Gaussian(0.3), **options)


@pytest.fixture(scope="module")
def reference():
    """The paths of XLA; each is made once for all builds."""
    made = {}

    def of(target, rank, method, dtype=np.float64):
        key = (target, rank, method, dtype)
        if key not in made:
            made[key] = _run(TARGETS[target], rank, METHODS[method], "xla", dtype=dtype)
        return made[key]

    return of


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("rank", [1, 5])
def test_targets_and_ranks(assert_same_paths, build, reference, target, rank):
    found = _run(TARGETS[target], rank, METHODS["perturbed"], "native")
    assert_same_paths(found, reference(target, rank, "perturbed"), 1e-13)


@pytest.mark.parametrize("target", [np.eye(90, 60), (np.eye(400, 2), np.eye(300, 2))], ids=["dense", "factored"])
def test_more_numbers_than_the_cache_holds(assert_same_paths, target):
    runs = (_run(target, 30, METHODS["perturbed"], engine, replicates=2, steps=3) for engine in ("native", "xla"))
    assert_same_paths(*runs, 1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_methods(assert_same_paths, build, reference, method):
    assert_same_paths(_run(TARGETS["dense"], 5, METHODS[method], "native"), reference("dense", 5, method), 1e-13)


def test_single_precision(assert_same_paths, build, reference):
    wanted = reference("factored", 5, "perturbed", np.float32)
    found = _run(TARGETS["factored"], 5, METHODS["perturbed"], "native", dtype=np.float32)
    assert_same_paths(found, wanted, 1e-4)


@pytest.mark.parametrize("replicates", [1, 8, 17])
def test_lanes_that_are_spare(build, reference, replicates):
    """Whether a pack of replicates is full makes no difference, not even of rounding."""
    few = _run(TARGETS["dense"], 5, METHODS["perturbed"], "native", replicates=replicates)
    many = _run(TARGETS["dense"], 5, METHODS["perturbed"], "native", replicates=24)
    np.testing.assert_array_equal(few.theta[0], many.theta[0][:replicates])


def test_threads_make_no_difference(build, monkeypatch):
    wanted = _run(TARGETS["dense"], 5, METHODS["perturbed"], "native", replicates=30)
    monkeypatch.setenv("EQUIPOISE_THREADS", "1")
    found = _run(TARGETS["dense"], 5, METHODS["perturbed"], "native", replicates=30)
    np.testing.assert_array_equal(found.theta[1], wanted.theta[1])


def test_some_diverge(build):
    """At the same step as on XLA, keeping the last bounded θ; the others go on."""
    method = eq.dynamics.PerturbedGD(0.5, eq.noise.Gaussian(0.1))
    found, wanted = (_run(TARGETS["dense"], 2, method, engine, steps=60) for engine in ("native", "xla"))
    ends = {status.name for status in wanted.status}
    assert ends == {"completed", "diverged"}
    assert found.status == wanted.status
    np.testing.assert_array_equal(found.dataset["end_step"], wanted.dataset["end_step"])
    for one, other in zip(found.theta, wanted.theta, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_the_headline_run(build):
    """Figure 2 (a) of Liu et al. (2021) over its 20 000 steps, on which the engines agree to 1e-9."""
    method = eq.dynamics.PerturbedGD(0.01, eq.noise.Gaussian((0.05 * 1.5**0.5, 0.05)))
    problem, start = eq.problems.planted((20, 30), 1), eq.initial.Gaussian(0.01)
    record = eq.Record(20_000, ("loss",))
    options = {"seed": 2021, "replicates": 8, "steps": 20_000, "record": record}
    found, wanted = (eq.simulate(problem, method, start, engine=engine, **options) for engine in ("native", "xla"))
    for one, other in zip(found.theta, wanted.theta, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)
