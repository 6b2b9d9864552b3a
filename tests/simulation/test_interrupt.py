"""Ctrl-C gives back what is recorded, told apart from what is not."""

import equinox as eqx
import numpy as np
import pytest

import equipoise as eq
from equipoise.simulation import XLA, AbstractEngine

STEPS, EVERY, ROUND = 3000, 10, 1020  # one call holds 102 looks
RECORD = eq.Record(every=EVERY, observables=("loss", "singular_values"))


class Interrupted(AbstractEngine):
    """XLA, with Ctrl-C pressed during call number `at` (starts are not counted), before or after its work."""

    at: int
    after: bool = False
    calls: list = eqx.field(static=True, default_factory=list)

    def _called(self):
        self.calls.append(1)
        return len(self.calls) == self.at

    def _during(self, work):
        pressed = self._called()
        if pressed and not self.after:
            raise KeyboardInterrupt
        result = work()
        if pressed:
            raise KeyboardInterrupt
        return result

    def start(self, experiment, init, seed, replicates):
        return XLA().start(experiment, init, seed, replicates)

    def advance(self, experiment, batch, step, count):
        return self._during(lambda: XLA().advance(experiment, batch, step, count))

    def advance_and_look(self, experiment, batch, step, every, looks, room):
        return self._during(lambda: XLA().advance_and_look(experiment, batch, step, every, looks, room))


@pytest.fixture(scope="module")
def run(problem, perturbed, start):
    def simulate(engine=None, *, steps=STEPS, replicates=5, chunk=2, record=RECORD, init=start, **options):
        options |= {"seed": 1, "steps": steps, "replicates": replicates, "chunk": chunk, "record": record}
        return eq.simulate(problem, perturbed, init, engine=engine, **options)

    return simulate


@pytest.fixture(scope="module")
def whole(run):
    return run()


def _names(run):
    return [status.name for status in run.status]


def _agree(cut, whole, replicate, steps):
    """The replicate is recorded up to `steps` as in the whole run, and NaN beyond."""
    for name in ("loss", "singular_values"):
        found, wanted = cut.dataset[name].values[replicate], whole.dataset[name].values[replicate]
        looks = steps // EVERY + 1
        np.testing.assert_array_equal(found[:looks], wanted[:looks])
        assert np.all(np.isnan(found[looks:]))


@pytest.mark.parametrize("after", [False, True])
def test_what_is_recorded_is_kept(run, whole, after):
    """Each chunk takes four calls: the first look, and three rounds. The third of the second chunk is interrupted."""
    cut = run(Interrupted(at=4 + 3, after=after))
    assert _names(cut) == ["completed"] * 2 + ["interrupted"] * 3
    assert cut.dataset["status"].values.tolist() == _names(cut)
    assert cut.dataset["end_step"].values.tolist() == [STEPS, STEPS, ROUND, ROUND, 0]
    assert cut.dataset["step"].values.tolist() == list(range(0, STEPS + 1, EVERY))
    for replicate, steps in enumerate([STEPS, STEPS, ROUND, ROUND, 0]):
        _agree(cut, whole, replicate, steps)


def test_theta_is_where_the_recording_ends(run, whole):
    cut = run(Interrupted(at=7))
    short = run(steps=ROUND)
    for found, complete, until in zip(cut.theta, whole.theta, short.theta, strict=True):
        np.testing.assert_array_equal(found[:2], complete[:2])
        np.testing.assert_allclose(found[2:4], until[2:4], rtol=0, atol=1e-14)


def test_a_single_chunk_has_only_the_steps_it_recorded(run, whole):
    cut = run(Interrupted(at=3), chunk=None)
    assert _names(cut) == ["interrupted"] * 5
    assert cut.dataset["step"].values.tolist() == list(range(0, ROUND + 1, EVERY))
    np.testing.assert_allclose(cut.dataset["loss"], whole.dataset["loss"].sel(step=slice(0, ROUND)), rtol=1e-10)


def test_before_a_later_chunks_first_look(run, whole):
    cut = run(Interrupted(at=5))
    assert _names(cut) == ["completed"] * 2 + ["interrupted"] * 3
    assert cut.dataset["end_step"].values.tolist() == [STEPS, STEPS, 0, 0, 0]
    for replicate, steps in enumerate([STEPS, STEPS, 0, 0, 0]):
        _agree(cut, whole, replicate, steps)


def test_before_anything_is_recorded_it_is_passed_on(run):
    with pytest.raises(KeyboardInterrupt):
        run(Interrupted(at=1))


def test_between_recordings_that_lie_far_apart(run):
    """The steps since the last recording are given up, so that θ and the recording stay together."""
    record = eq.Record(every=2000, observables=("loss",))
    cut = run(Interrupted(at=3), chunk=None, record=record)
    assert cut.dataset["step"].values.tolist() == [0]
    assert cut.dataset["end_step"].values.tolist() == [0] * 5
    begin = run(steps=0, chunk=None, record=record)
    for found, wanted in zip(cut.theta, begin.theta, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_who_has_stopped_stays_stopped(run, whole):
    """Its last values are kept where the interrupted have NaN."""
    bound = float(np.sort(whole.dataset["loss"].isel(step=0))[2])
    stop = eq.StopWhen("loss", below=bound * (1 + 1e-9))  # met by three of the five at the very start
    cut = run(Interrupted(at=3), chunk=None, stop=stop)
    met = whole.dataset["loss"].values[:, 0] < bound * (1 + 1e-9)
    assert met.sum() == 3
    assert all(cut.status[i] is eq.Status.stopped for i in np.flatnonzero(met))
    stopped = cut.dataset["loss"].values[met]
    np.testing.assert_array_equal(stopped, np.repeat(stopped[:, :1], stopped.shape[1], axis=1))
    assert cut.dataset["end_step"].values[met].tolist() == [0] * met.sum()


def test_an_interrupted_run_is_taken_up_again(run, whole):
    cut = run(Interrupted(at=3), chunk=None)
    rest = run(init=eq.initial.Given(cut.theta), first_step=ROUND, steps=STEPS - ROUND, chunk=None)
    for found, wanted in zip(rest.theta, whole.theta, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


def test_it_can_be_saved(run, tmp_path):
    cut = run(Interrupted(at=7))
    again = eq.load(cut.save(tmp_path / "cut.nc"))
    assert again.dataset.identical(cut.dataset)
    assert again.status == cut.status
