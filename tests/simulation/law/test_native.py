"""The law engine in C++ has the paths of that on XLA, up to rounding, with every build."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.machine import native
from equipoise.simulation.engines import Law
from equipoise.simulation.engines.native import NativeLaw
from equipoise.simulation.setup import prepared

pytestmark = pytest.mark.skipif(native.compiled() is None, reason="installed without a C++ compiler")
NOISE = eq.noise.Gaussian((0.3, 0.5))


def falling(step):
    return 0.05 / (1 + 0.01 * step)


def target(shape, rank):
    generator = np.random.default_rng(3)
    left, right = (np.linalg.qr(generator.standard_normal((d, rank)))[0] for d in shape)
    return left @ np.diag(np.linspace(1.5, 1.0, rank)) @ right.T


CASES = {
    "rank 1": ((20, 30), 1, eq.dynamics.PerturbedGD((0.02, 0.03), NOISE), np.float64),
    "two further dimensions, one": ((4, 3), 1, eq.dynamics.PerturbedGD(0.02, NOISE), np.float64),
    "all rows on the singular vectors, none beyond": ((4, 5), 4, eq.dynamics.PerturbedGD(0.02, NOISE), np.float64),
    "schedules, and noise that ends": (
        (8, 12),
        2,
        eq.dynamics.PerturbedGD((falling, 0.02), eq.noise.Until(eq.noise.Gaussian((0.3, falling)), 37)),
        np.float64,
    ),
    "no noise": ((8, 12), 1, eq.dynamics.GradientDescent((0.02, 0.03)), np.float64),
    "single precision": ((20, 30), 1, eq.dynamics.PerturbedGD(0.02, NOISE), np.float32),
}


def run(case, engine, replicates=19, steps=75, **options):
    shape, rank, method, dtype = CASES[case]
    problem = eq.problems.factorization(target(shape, rank), rank=1, dtype=dtype)
    options = {"seed": 2, "record": eq.Record(every=25, observables=("loss", "balance"))} | options
    start = eq.initial.Gaussian((0.3, 0.5))
    return eq.simulate(problem, method, start, steps=steps, replicates=replicates, engine=engine, **options)


@pytest.fixture(scope="module")
def reference():
    """The paths of XLA; each is made once for all builds."""
    made = {}

    def of(case):
        if case not in made:
            made[case] = run(case, Law())
        return made[case]

    return of


@pytest.fixture(params=("plain", "avx2", "avx512"))
def build(request, monkeypatch):
    """The name of a build, which is the one in use for as long as the test runs."""
    monkeypatch.setenv(native.BUILD_VARIABLE, request.param)
    if native.missing():
        pytest.skip(f"this processor cannot run the build {request.param}")
    return request.param


@pytest.mark.parametrize("case", CASES)
def test_paths_are_those_of_xla(build, reference, case):
    found, wanted = run(case, NativeLaw()), reference(case)
    assert found.dataset.attrs["engine"] == wanted.dataset.attrs["engine"] == "law"
    assert found.status == wanted.status
    rounding = 1e-12 if CASES[case][3] is np.float64 else 2e-5
    for one, other in zip(found.theta, wanted.theta, strict=True):
        assert one.dtype == other.dtype == CASES[case][3]
        np.testing.assert_allclose(one, other, rtol=rounding, atol=rounding)
    for name in ("loss", "balance"):
        np.testing.assert_allclose(found.dataset[name], wanted.dataset[name], rtol=100 * rounding)


def test_it_takes_the_place_of_xla_at_rank_1():
    for width, engine in ((1, NativeLaw), (2, Law)):
        problem = eq.problems.factorization(target((5, 6), 2), rank=width)
        record = eq.Record(every=1, observables=("loss",))
        chosen = prepared("law", problem, eq.dynamics.GradientDescent(0.1), record, init=eq.initial.Gaussian(0.1))[1]
        assert type(chosen) is engine
