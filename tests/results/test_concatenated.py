"""Runs of other seeds, of some replicates and of consecutive steps as one dataset; the time of each step."""

import numpy as np
import pytest
import xarray as xr

import equipoise as eq
from equipoise.results import concatenate

PROBLEM = eq.problems.planted((5, 4), 1)
METHOD = eq.dynamics.PerturbedGD(0.1, eq.noise.Gaussian(0.05))


def _run(seed=0, init=None, replicates=6, steps=20, method=METHOD, **more):
    start = eq.initial.Gaussian(0.1) if init is None else init
    settings = {"seed": seed, "steps": steps, "replicates": replicates, "record": eq.Record(10), "progress": False}
    return eq.simulate(PROBLEM, method, start, **settings, **more)


@pytest.fixture(scope="module")
def whole():
    return _run()


def test_seeds_and_replicates_stay_apart(whole):
    other = _run(seed=1)
    both = concatenate([whole, other.dataset])
    assert both.attrs["seed"] == "0, 1"
    assert both["seed"].values.tolist() == [0] * 6 + [1] * 6
    assert both["replicate"].values.tolist() == [*range(6), *range(6)]
    np.testing.assert_array_equal(both["loss"].values[6:], other.dataset["loss"].values)
    plain = xr.concat([whole.dataset, other.dataset], "replicate")  # the coordinate survives what users do by hand
    assert plain["seed"].values.tolist() == both["seed"].values.tolist()


def test_a_part_that_goes_on_repeats_no_step(whole):
    half = _run(steps=10)
    rest = _run(init=eq.initial.Given(half.theta), steps=10, first_step=10)
    joined = concatenate([half, rest], "step")
    for name in ("step", "loss", "time", "end_step", "status"):
        np.testing.assert_array_equal(joined[name].values, whole.dataset[name].values)


@pytest.mark.parametrize("numbers", [range(3, 6), [5, 3, 4], np.array([3, 4, 5])])
def test_some_replicates_are_those_of_the_full_run(whole, numbers):
    some = _run(replicates=numbers)
    assert some.dataset["replicate"].values.tolist() == [3, 4, 5]
    np.testing.assert_allclose(some.theta[0], whole.theta[0][3:], rtol=1e-12)
    parts = concatenate([_run(replicates=range(3)), some])
    np.testing.assert_allclose(parts["loss"].values, whole.dataset["loss"].values, rtol=1e-12)


def test_some_replicates_go_on_with_their_own_noise(whole):
    half = _run(steps=10)
    for theta in (half.theta, tuple(w[3:] for w in half.theta)):
        rest = _run(init=eq.initial.Given(theta), replicates=range(3, 6), steps=10, first_step=10)
        np.testing.assert_allclose(rest.theta[0], whole.theta[0][3:], rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "times"),
    [
        (METHOD, [0, 1, 2]),
        (eq.dynamics.GradientDescent(lambda step: 0.1 / (1 + step)), [0, 0.1 * sum(1 / k for k in range(1, 11)), None]),
        (eq.dynamics.GradientFlow(0.5), [0, 5, 10]),
        (eq.dynamics.GradientDescent((0.1, 0.2)), None),
    ],
    ids=["constant", "schedule", "flow", "no time"],
)
def test_a_step_has_its_time(method, times):
    dataset = _run(method=method, replicates=1).dataset
    if times is None:
        assert "time" not in dataset.coords
        return
    found = dataset["time"].values
    for one, other in zip(found, times, strict=True):
        assert other is None or one == pytest.approx(other, rel=1e-12)


def test_what_does_not_fit_is_refused(whole):
    other = _run(method=eq.dynamics.PerturbedGD(0.2, eq.noise.Gaussian(0.05)))
    cases = {
        "names a replicate twice": lambda: _run(replicates=[1, 1]),
        "replicates is empty": lambda: _run(replicates=[]),
        "there twice": lambda: concatenate([whole, whole]),
        "ends at step 20, but the next begins at step 0": lambda: concatenate([whole, whole], "step"),
        "no recorded run": lambda: concatenate([]),
        "dim is 'time'": lambda: concatenate([whole], "time"),
        r"The runs differ: dynamics\.step_size": lambda: concatenate([whole, other]),
    }
    for words, call in cases.items():
        with pytest.raises(eq.InputError, match=words):
            call()
