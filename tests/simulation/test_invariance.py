"""Replicate i at step t depends on (seed, i, t) alone: not on who else runs, nor on how the run is cut or recorded."""

import numpy as np
import pytest

import equipoise as eq

REPLICATES = 5
ROUNDING = 1e-12
TARGET = np.random.default_rng(21).standard_normal((6, 5))
DYNAMICS = eq.dynamics.PerturbedGD(step_size=(0.02, 0.03), noise=eq.noise.Gaussian(std=(0.05, 0.1)))
START = eq.initial.Gaussian(std=0.2)


class Ensemble:
    """The run that the others are compared with, and how to make them."""

    def __init__(self, rank, engine, dtype=np.float64):
        self.problem, self.engine = eq.problems.factorization(TARGET, rank=rank, dtype=dtype), engine
        unit = 300 if engine.is_traced else 60  # an engine that is called for each step takes its time
        self.steps, self.cut, self.far, self.every = 7 * unit, 3 * unit, 5 * unit, unit // 6
        self.base = self.run()

    def run(self, *, every=None, replicates=REPLICATES, init=START, seed=5, steps=None, **options):
        record = eq.Record(every=every or self.every, observables=("loss", "balance"))
        steps = steps or self.steps
        options = {"seed": seed, "replicates": replicates, "engine": self.engine} | options
        return eq.simulate(self.problem, DYNAMICS, init, steps=steps, record=record, **options)


@pytest.fixture(scope="module", params=[1, 3], ids=["rank-1", "rank-3"])
def ensemble(request, engine):
    return Ensemble(request.param, engine)


def _same(found, wanted, replicates=REPLICATES):
    """The same ends, and the same recordings at the steps that both have."""
    for one, other in zip(found.theta, wanted.theta, strict=True):
        np.testing.assert_allclose(one[:replicates], other[:replicates], rtol=0, atol=ROUNDING)
    steps = np.intersect1d(found.dataset["step"], wanted.dataset["step"])
    assert steps[-1] == wanted.dataset["step"][-1]
    for name in ("loss", "balance", "norm_x"):
        one, other = (run.dataset[name].sel(step=steps)[:replicates] for run in (found, wanted))
        np.testing.assert_allclose(one, other, rtol=ROUNDING * 10, atol=ROUNDING)
    return steps


def test_the_paths_are_worth_comparing(ensemble):
    """They move to the end, and each replicate and seed goes its own way by far more than the tolerance."""
    base = ensemble.base
    assert all(status is eq.Status.completed for status in base.status)
    late = base.dataset["loss"].isel(step=slice(-5, None)).values
    assert np.all(np.abs(np.diff(late, axis=1)) > 1e-6)
    assert np.all(np.std(base.theta[0], axis=0) > 1e-3)
    other = ensemble.run(seed=6)
    assert np.all(np.abs(other.theta[0] - base.theta[0]).max(axis=(1, 2)) > 1e-3)


def test_more_replicates(ensemble):
    more = ensemble.run(replicates=12)
    assert more.dataset.sizes["replicate"] == 12
    assert len(_same(more, ensemble.base)) == ensemble.steps // ensemble.every + 1


@pytest.mark.parametrize("far", [False, True])
def test_another_recording(ensemble, far):
    """In one compiled call, and in calls of steps alone where recordings lie far apart."""
    every = ensemble.far if far else 11
    run = ensemble.run(every=every)
    assert run.dataset["step"].values.tolist() == [*range(0, ensemble.steps, every), ensemble.steps]
    _same(run, ensemble.base)


@pytest.mark.parametrize("chunk", [1, 3])
def test_another_chunk(ensemble, chunk):
    _same(ensemble.run(chunk=chunk), ensemble.base)


def test_lone_replicates_in_single_precision(engine):
    """On XLA they run without the axis of replicates; the spread of the ends is 1e-3 and more."""
    ensemble = Ensemble(3, engine, np.float32)
    alone = ensemble.run(chunk=1)
    for one, other in zip(alone.theta, ensemble.base.theta, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
    assert alone.status == ensemble.base.status


def test_another_engine(ensemble):
    """Up to rounding, to the last step."""
    _same(ensemble.run(engine="xla"), ensemble.base)


def test_a_run_cut_in_two(ensemble):
    first = ensemble.run(steps=ensemble.cut)
    left = ensemble.steps - ensemble.cut
    second = ensemble.run(init=None, seed=None, replicates=None, resume=first, steps=left)
    assert second.dataset["step"].values.tolist() == ensemble.base.dataset["step"].values.tolist()
    assert second.dataset["end_step"].values.tolist() == [ensemble.steps] * REPLICATES
    _same(second, ensemble.base)


def test_the_first_step_sets_the_clock_of_the_noise(ensemble):
    """Begun anew where a run stood, the same noise follows; counted from 0, it would be repeated."""
    first = ensemble.run(steps=ensemble.cut)
    again = {"init": eq.initial.Given(first.theta), "steps": ensemble.steps - ensemble.cut}
    _same(ensemble.run(first_step=ensemble.cut, **again), ensemble.base)
    assert np.max(np.abs(ensemble.run(**again).theta[0] - ensemble.base.theta[0])) > 1e-3
