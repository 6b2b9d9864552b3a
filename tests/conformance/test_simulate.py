"""Every method on every problem in the loop: the path of manual steps, and endings."""

from typing import NamedTuple

import equinox as eqx
import numpy as np
import pytest

import equipoise as eq
from equipoise.core.stream import noise_key, replicate_key, step_key

STEPS, SEED, LOST = 6, 11, 1


class Ran(NamedTuple):
    """A run of three replicates, the second of which starts too far out."""

    case: object
    calm: bool
    starts: list[tuple[np.ndarray, ...]]
    dynamics: eq.dynamics.AbstractDynamics
    simulate: object
    run: eq.Run


@pytest.fixture(scope="module")
def ran(pair):
    case, method = pair
    starts = [case.start(0), case.start(1, size=case.huge), case.start(2)]
    init = eq.initial.Given(tuple(np.stack(factor) for factor in zip(*starts, strict=True)))
    dynamics = method.make(case.problem.shapes, 0.02)
    record = eq.Record(every=2, observables=case.observables)

    def simulate(steps=STEPS):
        return eq.simulate(case.problem, dynamics, init, seed=SEED, replicates=3, steps=steps, record=record)

    return Ran(case, method.calm, starts, dynamics, simulate, simulate())


def _by_hand(problem, dynamics, theta, replicate):
    """Steps with the keys of the stream, one after the other."""
    state, noise = dynamics.init(problem, theta), noise_key(replicate_key(SEED, replicate))
    step = eqx.filter_jit(dynamics.step)
    for number in range(STEPS):
        theta, state = step(problem, theta, state, step_key(noise, number), np.asarray(number))
    return theta


def test_the_path_is_that_of_manual_steps(ran):
    replicate = 2
    with eq.numerics():
        expected = _by_hand(ran.case.problem, ran.dynamics, ran.starts[replicate], replicate)
    for found, wanted in zip(ran.run.theta, expected, strict=True):
        np.testing.assert_allclose(found[replicate], wanted, rtol=ran.case.rounding, atol=ran.case.rounding)
        assert str(found.dtype) == ran.case.precision


def _recorded(run):
    return [name for name, array in run.dataset.data_vars.items() if array.dims == ("replicate", "step")]


def test_who_blows_up_is_told_apart_and_the_others_run_on(ran):
    ending, last = ("completed", STEPS) if ran.calm else ("diverged", 1)
    assert [status.name for status in ran.run.status] == ["completed", ending, "completed"]
    assert ran.run.dataset["status"].values.tolist() == ["completed", ending, "completed"]
    assert ran.run.dataset["end_step"].values.tolist() == [STEPS, last, STEPS]
    assert ran.run.dataset["step"].values.tolist() == [0, 2, 4, 6]
    assert set(_recorded(ran.run)) >= set(ran.case.observables)
    for name in _recorded(ran.run):
        values = ran.run.dataset[name].values
        assert np.all(np.isfinite(values[[0, 2]]))
        assert np.isfinite(values[LOST, 0])
        assert np.all(np.isfinite(values[LOST, 1:]) == ran.calm)


def test_who_diverges_is_kept_where_it_was(ran):
    if ran.calm:
        assert np.all(np.diff(ran.run.dataset["loss"].values[LOST]) < 0)
        return
    for found, given in zip(ran.run.theta, ran.starts[LOST], strict=True):
        np.testing.assert_array_equal(found[LOST], given)


def test_what_is_recorded_is_the_observable_at_theta(ran):
    last = ran.run.dataset.isel(step=-1, replicate=0)
    theta = tuple(w[0] for w in ran.run.theta)
    at_end = eq.evaluate(ran.case.problem, theta, ran.case.observables)
    assert set(at_end) == set(_recorded(ran.run))
    for name in at_end:
        np.testing.assert_allclose(last[name], at_end[name], rtol=100 * ran.case.rounding)
        assert str(ran.run.dataset[name].dtype) == ran.case.precision


def test_the_same_call_gives_the_same_numbers(ran):
    again = ran.simulate()
    for one, other in zip(ran.run.theta, again.theta, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(ran.run.dataset["loss"], again.dataset["loss"])


@pytest.mark.parametrize("cut", [2, 3])
def test_cut_in_two_it_is_the_same_to_the_last_bit(ran, cut, tmp_path):
    """At a recorded step and between two; through a file, with the state of the method and who has diverged."""
    first = eq.load(ran.simulate(cut).save(tmp_path / "first.nc"))
    whole = eq.simulate(ran.case.problem, ran.dynamics, resume=first, steps=STEPS - cut)
    for one, other in zip(whole.theta, ran.run.theta, strict=True):
        np.testing.assert_array_equal(one, other)
    assert whole.state.keys() == ran.run.state.keys()
    for name in whole.state:
        np.testing.assert_array_equal(whole.state[name], ran.run.state[name])
    assert whole.status == ran.run.status
    both = whole.dataset.sel(step=ran.run.dataset["step"])
    assert both.drop_attrs(deep=False).identical(ran.run.dataset.drop_attrs(deep=False))
    assert whole.dataset["step"].values.tolist() == sorted({*ran.run.dataset["step"].values.tolist(), cut})
