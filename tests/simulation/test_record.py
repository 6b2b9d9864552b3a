"""What is recorded, and when."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import equipoise as eq
from equipoise.simulation.plan import Schedule


def trace_of_gap(problem, theta):
    """How the norm is shared.

    This second line is not for labels.
    """
    x, y = theta
    return (x**2).sum() - (y**2).sum()


def gram(problem, theta):
    return theta[0].T @ theta[0]


def several(problem, theta):
    return {"first": theta[0][0, 0], "product": theta[0] @ theta[1].T}


def step(problem, theta):
    return theta[0][0, 0]


def badly_named(problem, theta):
    return {"a/b": theta[0][0, 0]}


def loss_again(problem, theta):
    return {"loss": theta[0][0, 0]}


@pytest.fixture(scope="module")
def run(problem, descent, start):
    def simulate(*observables, every=5, steps=12, record=None, **options):
        record = record or eq.Record(every=every, observables=observables)
        return eq.simulate(problem, descent, start, seed=0, steps=steps, replicates=2, record=record, **options)

    return simulate


def test_functions_of_ones_own(run):
    ran = run(trace_of_gap, gram, several, "loss")
    data, (x, y) = ran.dataset, ran.theta
    assert set(data.data_vars) == {"trace_of_gap", "gram", "first", "product", "loss", "status", "end_step"}
    last = data.isel(step=-1)
    np.testing.assert_allclose(last["trace_of_gap"], (x**2).sum((1, 2)) - (y**2).sum((1, 2)), rtol=1e-12)
    np.testing.assert_allclose(last["gram"], np.swapaxes(x, 1, 2) @ x, rtol=1e-12)
    np.testing.assert_allclose(last["product"], x @ np.swapaxes(y, 1, 2), rtol=1e-12)
    np.testing.assert_array_equal(last["first"], x[:, 0, 0])
    assert data["gram"].dims == ("replicate", "step", "gram_axis_0", "gram_axis_1")
    assert data["product"].shape == (2, 4, 4, 3)
    assert data["trace_of_gap"].attrs["long_name"] == "How the norm is shared."
    assert data["gram"].attrs["long_name"] == "gram"


def test_a_run_can_stop_by_a_function_of_ones_own(run):
    ran = run(several, stop=eq.StopWhen("first", above=-1e9))
    assert [status.name for status in ran.status] == ["stopped"] * 2


@pytest.mark.parametrize(("every", "steps"), [(5, 12), (5, 10), (1, 3), (100, 7), (3, 0), (1, 0)])
def test_the_first_and_the_last_step_are_always_recorded(run, every, steps):
    ran = run("loss", every=every, steps=steps)
    assert ran.dataset["step"].values.tolist() == sorted({*range(0, steps + 1, every), steps})
    assert ran.dataset["loss"].shape == (2, ran.dataset.sizes["step"])
    assert np.all(np.isfinite(ran.dataset["loss"]))
    assert [status.name for status in ran.status] == ["completed"] * 2
    assert ran.dataset["end_step"].values.tolist() == [steps] * 2


def test_no_steps_give_the_start(run, problem, start):
    ran = run("loss", steps=0)
    np.testing.assert_allclose(
        ran.dataset["loss"].values[0, 0], eq.evaluate(problem, tuple(w[0] for w in ran.theta))["loss"], rtol=1e-14
    )


def test_one_name_may_stand_alone():
    assert eq.Record(observables="loss").observables == eq.Record(observables=("loss",)).observables


def test_a_record_says_what_it_is():
    assert repr(eq.Record(every=3, observables=("loss", gram))) == "Record(every=3, observables=('loss', 'gram'))"


@pytest.mark.usefixtures("unchecked")
def test_several_steps_as_the_interval_are_told_where_they_belong():
    with pytest.raises(
        eq.InputError, match=r"every is \[0, 1, 10\], which is several numbers; .* as at=\[0, 1, 10\]\."
    ):
        eq.Record(every=[0, 1, 10])


@pytest.mark.parametrize("every", [0, -1])
def test_every_is_at_least_one_step(every):
    with pytest.raises(eq.InputError, match=f"^every is {every}; it must be a whole number, 1 or greater.$"):
        eq.Record(every=every)


@pytest.mark.parametrize(
    ("observables", "said"),
    [
        (("nonsense",), "There is no observable 'nonsense'; use one of loss, relative_error, balance"),
        ((lambda problem, theta: 1.0,), "a lambda has no name"),
        ((step,), "A variable cannot be called 'step'"),
    ],
)
def test_what_cannot_be_recorded(observables, said):
    with pytest.raises(eq.InputError) as caught:
        eq.Record(observables=observables)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("observables", "said"),
    [
        ((badly_named,), "A variable cannot be called 'a/b'"),
        (("loss", "loss"), "The variable loss is recorded twice; keep one of its observables."),
        (("balance", eq.observables.balance), "The variable balance is recorded twice; keep one of its observables."),
        (("loss", loss_again), "The variable loss is recorded twice; keep one of its observables."),
        ((loss_again, "loss"), "The variable loss is recorded twice; keep one of its observables."),
    ],
)
def test_what_turns_out_not_to_be_recordable(run, observables, said):
    with pytest.raises(eq.InputError) as caught:
        run(*observables)
    assert said in str(caught.value)


def _recorded(schedule):
    """The steps that a run with this schedule is looked at."""
    steps = [schedule.first_step]
    while steps[-1] < schedule.last_step:
        steps.append(schedule.after(steps[-1]))
    return steps


@settings(max_examples=200)
@given(st.integers(0, 10**6), st.integers(0, 300), st.integers(1, 400))
def test_recorded_steps(first, steps, every):
    recorded = _recorded(Schedule(first, first + steps, eq.Record(every)))
    assert recorded == sorted({*range(first, first + steps + 1, every), first + steps})


@settings(max_examples=200)
@given(st.lists(st.integers(0, 60)), st.none() | st.integers(1, 30), st.integers(0, 50), st.lists(st.integers(0, 60)))
def test_steps_that_are_named(at, every, last, also):
    """At those named, at multiples of `every` where it is given, at those of an earlier part, and at both ends."""
    record = eq.Record(every, at=at)
    usual = 100 if every is None and not at else every
    multiples = range(0, last + 1, usual) if usual else []
    wanted = {0, last, *multiples, *(s for s in (*at, *also) if s <= last)}
    assert _recorded(Schedule(0, last, record, tuple(sorted(set(also))))) == sorted(wanted)


@settings(max_examples=100)
@given(st.integers(1, 20), st.floats(0.01, 3), st.integers(0, 5000), st.integers(0, 100))
def test_growing_intervals(every, growth, steps, first):
    recorded = _recorded(Schedule(first, first + steps, eq.Record(every, growth=growth)))
    intervals = np.diff(recorded)[:-1]
    taken = np.array(recorded[:-2]) - first if len(recorded) > 1 else np.empty(0)
    np.testing.assert_array_equal(intervals, np.maximum(every, np.ceil(growth * taken)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"at": [1.5]}, "A step in at is 1.5; it must be a whole number, 0 or greater."),
        ({"at": [-1]}, "A step in at is -1; it must be a whole number, 0 or greater."),
        ({"growth": -0.1}, "growth is -0.1; it must be finite and 0 or greater."),
        ({"growth": float("nan")}, "growth is nan; it must be"),
        ({"growth": 0.5, "at": [3]}, "but every is missing; give both, every as the shortest"),
    ],
)
def test_when_nothing_can_be_recorded(options, said):
    with pytest.raises(eq.InputError) as caught:
        eq.Record(**options)
    assert said in str(caught.value)


def test_a_run_is_recorded_at_the_steps_named(run):
    dense = run("loss", every=1, steps=40)
    for record, steps in (
        (eq.Record(at=[3, 17, 17, 99], observables="loss"), [0, 3, 17, 40]),
        (eq.Record(20, "loss", at=(3,)), [0, 3, 20, 40]),
        (eq.Record(2, "loss", growth=0.5), [0, 2, 4, 6, 9, 14, 21, 32, 40]),
    ):
        ran = run(record=record, steps=40)
        assert ran.dataset["step"].values.tolist() == steps
        np.testing.assert_array_equal(ran.dataset["loss"], dense.dataset["loss"].sel(step=steps))


def test_by_default_the_balance_is_recorded_only_of_two_factors():
    matrix = np.diag([2.0, 1.0])
    symmetric = eq.problems.sensing(matrix[None], np.ones(1))
    for problem, names in ((symmetric, {"loss"}), (eq.problems.factorization(matrix, 1), {"loss", "balance"})):
        run = eq.simulate(problem, eq.dynamics.GradientDescent(0.01), eq.initial.Gaussian(0.1), seed=0, steps=2)
        assert {name for name in ("loss", "balance") if name in run.dataset} == names
