"""Ctrl-C gives back what is recorded, told apart from what is not."""

import equinox as eqx
import numpy as np
import pytest

import equipoise as eq

STEPS, EVERY, KEPT = 600, 10, 250
PER_CHUNK = STEPS // EVERY  # calls of the engine for one chunk of replicates
RECORD = eq.Record(every=EVERY, observables=("loss", "singular_values"))


class Pressed(eq.initial.AbstractInitial):
    """A start during which Ctrl-C is pressed once: when it is compiled for the `at`-th time."""

    start: eq.initial.AbstractInitial
    at: int = eqx.field(static=True)
    traces: list = eqx.field(static=True, default_factory=list)

    def sample(self, key, replicate, problem):
        self.traces.append(1)
        if len(self.traces) == self.at:
            raise KeyboardInterrupt
        return self.start.sample(key, replicate, problem)


@pytest.fixture(scope="module")
def run(problem, perturbed, start):
    def simulate(engine="xla", *, steps=STEPS, replicates=5, chunk=2, record=RECORD, init=start, **options):
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
        np.testing.assert_allclose(found[:looks], wanted[:looks], rtol=1e-12)
        assert np.all(np.isnan(found[looks:]))


@pytest.mark.parametrize("after", [False, True])
def test_what_is_recorded_is_kept(run, whole, interrupting, after):
    """In the second of three chunks, before or after the engine did its work."""
    cut = run(interrupting(at=PER_CHUNK + KEPT // EVERY + 1, after=after))
    assert _names(cut) == ["completed"] * 2 + ["interrupted"] * 3
    assert cut.dataset["status"].values.tolist() == _names(cut)
    assert cut.dataset["end_step"].values.tolist() == [STEPS, STEPS, KEPT, KEPT, 0]
    assert cut.dataset["step"].values.tolist() == list(range(0, STEPS + 1, EVERY))
    for replicate, steps in enumerate([STEPS, STEPS, KEPT, KEPT, 0]):
        _agree(cut, whole, replicate, steps)


def test_theta_is_where_the_recording_ends(run, whole, interrupting):
    cut = run(interrupting(at=PER_CHUNK + KEPT // EVERY + 1))
    short = run(steps=KEPT)
    for found, complete, until in zip(cut.theta, whole.theta, short.theta, strict=True):
        np.testing.assert_allclose(found[:2], complete[:2], rtol=0, atol=1e-13)
        np.testing.assert_allclose(found[2:4], until[2:4], rtol=0, atol=1e-13)


def test_a_single_chunk_has_only_the_steps_it_recorded(run, whole, interrupting):
    cut = run(interrupting(at=KEPT // EVERY + 1), chunk=None)
    assert _names(cut) == ["interrupted"] * 5
    assert cut.dataset["step"].values.tolist() == list(range(0, KEPT + 1, EVERY))
    np.testing.assert_allclose(cut.dataset["loss"], whole.dataset["loss"].sel(step=slice(0, KEPT)), rtol=1e-10)


def test_before_a_later_chunks_first_look(run, whole, start):
    """The chunks of two share one compiled start; that of one replicate, the third, is compiled anew."""
    cut = run(init=Pressed(start, at=2))
    assert _names(cut) == ["completed"] * 4 + ["interrupted"]
    for replicate, steps in enumerate([STEPS] * 4 + [0]):
        _agree(cut, whole, replicate, steps)


def test_before_anything_is_recorded_it_is_passed_on(run, start):
    with pytest.raises(KeyboardInterrupt):
        run(init=Pressed(start, at=1))


def test_between_recordings_that_lie_far_apart(run, interrupting):
    """The steps since the last recording are given up, so that θ and the recording stay together."""
    record = eq.Record(every=20_000, observables=("loss",))
    cut = run(interrupting(at=3), chunk=None, record=record, steps=20_000)
    assert cut.dataset["step"].values.tolist() == [0]
    assert cut.dataset["end_step"].values.tolist() == [0] * 5
    begin = run(steps=0, chunk=None, record=record)
    for found, wanted in zip(cut.theta, begin.theta, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_who_has_stopped_stays_stopped(run, whole, interrupting):
    """Its last values are kept where the interrupted have NaN."""
    bound = float(np.sort(whole.dataset["loss"].isel(step=0))[2])
    stop = eq.StopWhen("loss", below=bound * (1 + 1e-9))  # met by three of the five at the very start
    cut = run(interrupting(at=3), chunk=None, stop=stop)
    met = whole.dataset["loss"].values[:, 0] < bound * (1 + 1e-9)
    assert met.sum() == 3
    assert all(cut.status[i] is eq.Status.stopped for i in np.flatnonzero(met))
    stopped = cut.dataset["loss"].values[met]
    np.testing.assert_array_equal(stopped, np.repeat(stopped[:, :1], stopped.shape[1], axis=1))
    assert cut.dataset["end_step"].values[met].tolist() == [0] * met.sum()


@pytest.mark.parametrize("more", [0, 100])
def test_it_is_continued_where_each_replicate_was_left(run, whole, interrupting, problem, perturbed, tmp_path, more):
    """Those left behind catch up; the recording has no hole, and no step twice."""
    cut = eq.load(run(interrupting(at=PER_CHUNK + KEPT // EVERY + 1)).save(tmp_path / "cut.nc"))
    again = eq.simulate(problem, perturbed, resume=cut, steps=more)
    wanted = run(steps=STEPS + more) if more else whole
    assert _names(again) == ["completed"] * 5
    assert again.dataset["end_step"].values.tolist() == [STEPS + more] * 5
    np.testing.assert_array_equal(again.dataset["step"], wanted.dataset["step"])
    for name in ("loss", "singular_values"):
        np.testing.assert_allclose(again.dataset[name], wanted.dataset[name], rtol=1e-10)
    for one, other in zip(again.theta, wanted.theta, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_a_continued_run_that_is_interrupted_keeps_both_parts(run, whole, interrupting, problem, perturbed):
    first = run(steps=KEPT, chunk=None)
    cut = eq.simulate(problem, perturbed, resume=first, steps=STEPS - KEPT, engine=interrupting(at=6))
    assert _names(cut) == ["interrupted"] * 5
    assert cut.dataset["end_step"].values.tolist() == [KEPT + 5 * EVERY] * 5
    for replicate in range(5):
        looks = (KEPT + 5 * EVERY) // EVERY + 1
        np.testing.assert_allclose(cut.dataset["loss"][replicate], whole.dataset["loss"][replicate, :looks], rtol=1e-10)


def test_it_can_be_saved(run, interrupting, tmp_path):
    cut = run(interrupting(at=7))
    again = eq.load(cut.save(tmp_path / "cut.nc"))
    assert again.dataset.identical(cut.dataset)
    assert again.status == cut.status
