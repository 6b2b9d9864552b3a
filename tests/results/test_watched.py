"""A run under a loop of one's own is the run of simulate, up to where it was left."""

import numpy as np
import pytest

import equipoise as eq

RECORD = eq.Record(every=5, observables=("loss", "balance", "singular_values"))


@pytest.fixture
def watched(problem, perturbed, start):
    return eq.watch(problem, perturbed, start, seed=4, steps=40, replicates=3, record=RECORD)


def _whole(problem, perturbed, start, steps=40):
    return eq.simulate(problem, perturbed, start, seed=4, steps=steps, replicates=3, record=RECORD)


def test_to_its_end_it_is_the_run_of_simulate(watched, problem, perturbed, start):
    steps = [look.step for look in watched]
    run, whole = watched.run(), _whole(problem, perturbed, start)
    assert steps == run.dataset["step"].values.tolist() == list(range(0, 41, 5))
    assert run.dataset.drop_attrs(deep=False).identical(whole.dataset.drop_attrs(deep=False))
    assert run.dataset.attrs["settings"] == whole.dataset.attrs["settings"]
    assert run.status == whole.status
    for one, other in zip(run.theta, whole.theta, strict=True):
        np.testing.assert_array_equal(one, other)


def test_where_the_loop_is_left_the_run_can_be_continued(watched, problem, perturbed, start):
    for look in watched:
        if look.step == 15:
            break
    run = watched.run()
    assert run.status == (eq.Status.interrupted,) * 3
    assert run.dataset["step"].values.tolist() == [0, 5, 10, 15]
    again, whole = eq.simulate(problem, perturbed, resume=run, steps=25), _whole(problem, perturbed, start)
    np.testing.assert_array_equal(again.theta[0], whole.theta[0])
    np.testing.assert_array_equal(again.dataset["loss"], whole.dataset["loss"])
    assert next(watched).step == 20  # and so can the loop
    assert watched.run().dataset.sizes["step"] == 5


def test_a_loop_that_is_stopped_ends_for_good(watched, problem, perturbed, start):
    seen = []
    for look in watched:
        seen.append(look.step)
        if look.step == 15:
            watched.stop()
    run = watched.run()
    assert seen == run.dataset["step"].values.tolist() == [0, 5, 10, 15]
    assert run.status == (eq.Status.stopped,) * 3
    assert run.dataset["end_step"].values.tolist() == [15] * 3
    again = eq.simulate(problem, perturbed, resume=run, steps=25)
    np.testing.assert_array_equal(again.theta[0], run.theta[0])


def test_ctrl_c_keeps_what_was_seen(problem, perturbed, start, interrupting):
    options = {"seed": 4, "steps": 40, "replicates": 3, "record": RECORD, "engine": interrupting(at=3)}
    watched = eq.watch(problem, perturbed, start, **options)
    with pytest.raises(KeyboardInterrupt):
        list(watched)
    assert watched.run().dataset["step"].values.tolist() == [0, 5, 10]


def test_before_the_first_look_there_is_no_run(watched):
    with pytest.raises(eq.InputError, match="Nothing is recorded yet; take a first look"):
        watched.run()
