"""Stop rules and divergence: who ends when, and what is shown of it."""

import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.simulation.begin import begin
from equipoise.simulation.ensemble import Group, run_ensemble
from equipoise.simulation.plan import Plan, Schedule
from equipoise.simulation.setup import make_experiment

BOUND, STEPS, EVERY = 0.5, 400, 10
RECORD = eq.Record(every=EVERY, observables=("loss", "balance", "singular_values"))


@pytest.fixture(scope="module")
def run(problem, descent, start, engine):
    def simulate(stop=(), *, dynamics=descent, steps=STEPS, init=start, replicates=4, record=RECORD, **options):
        options |= {"seed": 2, "steps": steps, "replicates": replicates, "record": record, "stop": stop}
        options |= {"engine": engine}
        return eq.simulate(problem, dynamics, init, **options)

    return simulate


@pytest.fixture(scope="module")
def free(run):
    return run()


@pytest.fixture(scope="module")
def bounds(free):
    """A loss that two of the four replicates come below, and the recordings at which they first do."""
    loss = free.dataset["loss"].values
    assert np.all(np.diff(loss, axis=1) < 0)
    middle = loss.shape[1] // 4
    bound = float(np.median(loss[:, middle]))
    return bound, [int(np.argmax(row < bound)) if row[-1] < bound else None for row in loss]


def _check_stopped(run, free, looks):
    for replicate, look in enumerate(looks):
        for name in ("loss", "balance", "singular_values"):
            found, wanted = run.dataset[name].values[replicate], free.dataset[name].values[replicate]
            last = len(found) - 1 if look is None else look
            np.testing.assert_array_equal(found[: last + 1], wanted[: last + 1])
            np.testing.assert_array_equal(found[last:], np.broadcast_to(found[last], found[last:].shape))
        if look is None:
            assert run.status[replicate] is eq.Status.completed
        else:
            assert run.status[replicate] is eq.Status.stopped
            assert run.dataset["end_step"].values[replicate] == look * EVERY


def test_a_replicate_stops_at_the_first_recording_below_the_bound(run, free, bounds):
    bound, looks = bounds
    assert len(set(looks)) > 1
    assert all(look is None or look > 0 for look in looks)
    _check_stopped(run(eq.StopWhen("loss", below=bound)), free, looks)


def test_theta_stands_still_from_there(run, bounds):
    bound, looks = bounds
    stopped = run(eq.StopWhen("loss", below=bound))
    replicate = next(i for i, look in enumerate(looks) if look)
    until = run(steps=looks[replicate] * EVERY)
    for found, wanted in zip(stopped.theta, until.theta, strict=True):
        np.testing.assert_array_equal(found[replicate], wanted[replicate])


def test_above(run, free):
    record = eq.Record(every=EVERY, observables=("loss", "balance", "singular_values", "nuclear_norm"))
    whole = run(record=record).dataset["nuclear_norm"].values
    bound = float(np.median(whole[:, 20]))
    looks = [int(np.argmax(row > bound)) if np.any(row > bound) else None for row in whole]
    stopped = run(eq.StopWhen("nuclear_norm", above=bound), record=record)
    _check_stopped(stopped, free, looks)


def test_any_of_several_rules(run, free, bounds):
    bound, looks = bounds
    never = eq.StopWhen("balance", above=1e9)
    _check_stopped(run((never, eq.StopWhen("loss", below=bound))), free, looks)
    _check_stopped(run([never]), free, [None] * 4)


def test_who_meets_the_rule_at_the_start_takes_no_step(run):
    stopped = run(eq.StopWhen("loss", below=1e9))
    assert [status.name for status in stopped.status] == ["stopped"] * 4
    assert stopped.dataset["end_step"].values.tolist() == [0] * 4
    assert stopped.dataset["step"].values.tolist() == [0]


def test_the_run_ends_when_everybody_has_ended(run):
    """In the round in which the last one stops, not at the last step asked for."""
    stopped = run(eq.StopWhen("loss", below=1e9), steps=10**6)
    assert stopped.dataset["step"].values.tolist() == [0]


@pytest.mark.parametrize("pace", [EVERY, 7 * EVERY, 1024])
@pytest.mark.parametrize("size", [4, 1, 3])
def test_the_record_ends_there_at_any_pace(problem, descent, start, engine, bounds, pace, size):
    """However many looks one call makes: the last look is the first at which all have ended."""
    bound, _ = bounds
    experiment = make_experiment(problem, descent, RECORD, eq.StopWhen("loss", below=2 * bound))
    plan = Plan(2, Schedule(0, 10**4, RECORD), pace=pace)
    numbers = [np.arange(first, min(first + size, 4)) for first in range(0, 4, size)]
    groups = [Group(some, 0, lambda n=some: begin(experiment, start, 2, n)) for some in numbers]
    ran = run_ensemble(engine, experiment, groups, plan)
    assert ran.steps.tolist() == list(range(0, int(ran.end_step.max()) + 1, EVERY))
    assert ran.values["loss"].shape == (4, ran.steps.size)


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("sharpness", "'sharpness', which is not recorded as a number; record it, or choose among loss, balance, "),
        ("singular_values", "'singular_values', which is not recorded as a number; record it, or choose among loss, "),
    ],
)
def test_a_rule_needs_a_recorded_number(run, variable, said):
    with pytest.raises(eq.InputError, match="The stop rule needs ") as caught:
        run(eq.StopWhen(variable, below=1.0))
    assert said in str(caught.value)


@pytest.mark.parametrize("bounds", [{}, {"below": 1.0, "above": 2.0}])
def test_a_rule_needs_one_bound(bounds):
    with pytest.raises(eq.InputError, match=r"^StopWhen needs exactly one of below= and above=; give one of them\.$"):
        eq.StopWhen("loss", **bounds)


def test_divergence_is_caught_at_its_step(run, problem):
    """Checked against descent by hand, with the bound on what can be computed with."""
    start = tuple(np.random.default_rng(0).standard_normal(s) for s in problem.shapes)
    matrix = problem.measurement.target.entries
    (x, y), step_size = start, 0.7
    limit = np.finfo(float).max ** 0.2
    for steps in range(1, 100):  # noqa: B007 (used after the loop)
        residual = x @ y.T - matrix
        moved = x - step_size * residual @ y, y - step_size * residual.T @ x
        if not all(np.sum(np.abs(w)) <= limit for w in moved):
            break
        x, y = moved
    assert 3 < steps < 30
    ran = run(
        dynamics=eq.dynamics.GradientDescent(step_size),
        init=eq.initial.Given(start),
        replicates=1,
        record=eq.Record(every=1, observables=("loss",)),
    )
    assert ran.status == (eq.Status.diverged,)
    assert ran.dataset["end_step"].values.tolist() == [steps]
    np.testing.assert_allclose(ran.theta[0][0], x, rtol=1e-9)
    np.testing.assert_allclose(ran.theta[1][0], y, rtol=1e-9)
    loss = ran.dataset["loss"].values[0]
    assert np.all(np.isfinite(loss[:steps]))
    assert np.all(np.isnan(loss[steps:]))


def test_a_nan_is_caught_and_the_others_run_on(run, problem, free):
    """From 1e160 the gradient overflows to ∞ − ∞ at once."""
    begin = run(steps=0)
    starts = tuple(np.array(w) for w in begin.theta)
    starts[0][1] = 1e160
    starts[1][1] = 1e160
    ran = run(init=eq.initial.Given(starts))
    assert [status.name for status in ran.status] == ["completed", "diverged", "completed", "completed"]
    assert ran.dataset["end_step"].values.tolist() == [STEPS, 1, STEPS, STEPS]
    for found, wanted in zip(ran.theta, free.theta, strict=True):
        np.testing.assert_allclose(found[[0, 2, 3]], wanted[[0, 2, 3]], rtol=0, atol=1e-13)
        assert np.all(found[1] == 1e160)


def test_a_schedule_that_turns_to_nan_is_caught(run):
    ran = run(dynamics=eq.dynamics.GradientDescent(lambda step: jnp.where(step < 15, 0.01, jnp.nan)))
    assert [status.name for status in ran.status] == ["diverged"] * 4
    assert ran.dataset["end_step"].values.tolist() == [16] * 4
    assert np.all(np.isfinite(ran.dataset["loss"].sel(step=10)))
    assert np.all(np.isnan(ran.dataset["loss"].sel(step=20)))
