"""Continuing a run: the state goes on, what is not the run's own is refused, and one dataset tells of both parts."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import equipoise as eq

RECORD = eq.Record(every=10, observables=("loss", "balance"))
ADAM = eq.dynamics.Optax(optax.adam(0.05))


def momentum_norm(problem, theta, state):
    """‖m‖ of Adam's first moment"""
    return jnp.sqrt(sum(jnp.sum(m**2) for m in state[0].mu))


def perturbed_loss(problem, theta, noise):
    """loss at the perturbed point"""
    return problem.loss(tuple(w + z for w, z in zip(theta, noise, strict=True)))


def clock(problem, theta, step):
    """the step"""
    return jnp.asarray(step, float)


@pytest.fixture(scope="module")
def adam(problem, start):
    def simulate(steps, record=RECORD, **options):
        return eq.simulate(problem, ADAM, start, seed=1, steps=steps, replicates=2, record=record, **options)

    return simulate


@pytest.fixture(scope="module")
def first(adam):
    return adam(25)


def test_momentum_goes_on(adam, first, problem):
    """Begun anew from the same θ, Adam goes another way by far more than rounding."""
    whole = adam(60)
    again = eq.simulate(problem, ADAM, resume=first, steps=35)
    anew = eq.simulate(
        problem, ADAM, eq.initial.Given(first.theta), seed=1, steps=35, first_step=25, replicates=2, record=RECORD
    )
    assert set(first.state) == {"0/count", "0/mu/0", "0/mu/1", "0/nu/0", "0/nu/1"}
    np.testing.assert_array_equal(again.theta[0], whole.theta[0])
    assert np.max(np.abs(anew.theta[0] - whole.theta[0])) > 1e-3


def test_the_dataset_tells_of_both_parts(first, problem):
    again = eq.simulate(problem, ADAM, resume=first, steps=35, record=eq.Record(5, ("loss", "balance")))
    assert again.dataset["step"].values.tolist() == [0, 10, 20, 25, *range(30, 61, 5)]
    assert not again.dataset["loss"].isnull().any()
    settings = json.loads(again.dataset.attrs["settings"])
    assert (settings["steps"], settings["resumed_at"], settings["record"]["every"]) == (60, [25], 5)
    assert settings["init"] == json.loads(first.dataset.attrs["settings"])["init"]
    assert again.dataset.attrs["seed"] == "1"
    assert again.dataset.attrs["seconds"] > first.dataset.attrs["seconds"]
    for name in again.dataset.variables:
        assert again.dataset[name].attrs == first.dataset[name].attrs
    third = eq.simulate(problem, ADAM, resume=again, steps=5)
    assert json.loads(third.dataset.attrs["settings"])["resumed_at"] == [25, 60]


def test_in_other_chunks_it_is_the_same(adam, first, problem):
    again = eq.simulate(problem, ADAM, resume=first, steps=35, chunk=1)
    np.testing.assert_allclose(again.theta[0], adam(60).theta[0], rtol=0, atol=1e-12)


def test_who_has_stopped_stays_stopped(problem, descent, start):
    options = {"seed": 2, "replicates": 4, "record": RECORD}
    free = eq.simulate(problem, descent, start, steps=40, **options)
    stop = eq.StopWhen("loss", below=float(free.dataset["loss"].isel(step=-2).median()))
    options["stop"] = stop
    whole = eq.simulate(problem, descent, start, steps=200, **options)
    part = eq.simulate(problem, descent, start, steps=40, **options)
    assert {status.name for status in part.status} >= {"stopped", "completed"}
    again = eq.simulate(problem, descent, resume=part, steps=160, stop=stop)
    assert again.status == whole.status
    np.testing.assert_array_equal(again.dataset["end_step"], whole.dataset["end_step"])
    steps = np.intersect1d(again.dataset["step"], whole.dataset["step"])
    np.testing.assert_array_equal(again.dataset["loss"].sel(step=steps), whole.dataset["loss"].sel(step=steps))


def test_a_state_that_holds_a_key_comes_back(problem, start, tmp_path):
    class Keyed(eq.dynamics.AbstractDynamics):
        """Steps in random directions from a key of its own."""

        def init(self, problem, theta):
            return {"key": jax.random.key(7, impl="threefry2x32"), "count": jnp.asarray(0)}

        def step(self, problem, theta, state, key, step):
            mine, drawn = jax.random.split(state["key"])
            moved = tuple(w + 0.1 * jax.random.normal(drawn, w.shape, w.dtype) for w in theta)
            return moved, {"key": mine, "count": state["count"] + 1}

    whole = eq.simulate(problem, Keyed(), start, seed=0, steps=8)
    part = eq.load(eq.simulate(problem, Keyed(), start, seed=0, steps=3).save(tmp_path / "part.nc"))
    again = eq.simulate(problem, Keyed(), resume=part, steps=5)
    np.testing.assert_array_equal(again.theta[0], whole.theta[0])
    assert again.state["count"].tolist() == [8]


def test_anything_of_a_look_can_be_recorded(problem, start, perturbed):
    """The state and the noise of the step that follows; continued, they go on as if never cut."""
    run = eq.simulate(problem, ADAM, start, seed=1, steps=4, record=eq.Record(1, (momentum_norm, clock)), replicates=2)
    assert run.dataset["clock"].values.tolist() == [[0, 1, 2, 3, 4]] * 2
    norms = run.dataset["momentum_norm"].values
    assert np.all(norms[:, 0] == 0)
    assert np.all(norms[:, 1:] > 0)
    mu = [run.state["0/mu/0"], run.state["0/mu/1"]]
    np.testing.assert_allclose(norms[:, -1], np.sqrt(sum((m**2).sum((1, 2)) for m in mu)), rtol=1e-12)
    assert run.dataset["momentum_norm"].attrs["long_name"] == "‖m‖ of Adam's first moment"

    record = eq.Record(1, ("loss", perturbed_loss))
    whole = eq.simulate(problem, perturbed, start, seed=1, steps=4, record=record)
    seen = whole.dataset[["loss", "perturbed_loss"]]
    assert not np.any(np.isclose(seen["loss"], seen["perturbed_loss"]))
    part = eq.simulate(problem, perturbed, start, seed=1, steps=2, record=record)
    again = eq.simulate(problem, perturbed, resume=part, steps=2, record=record)
    np.testing.assert_array_equal(again.dataset["perturbed_loss"], seen["perturbed_loss"])


def test_the_noise_recorded_is_that_of_the_step_that_follows(problem, start, perturbed):
    """θ after the step, by hand."""

    def drawn(problem, theta, noise):
        return {"noise_x": noise[0], "noise_y": noise[1], "x": theta[0], "y": theta[1]}

    run = eq.simulate(problem, perturbed, start, seed=1, steps=3, record=eq.Record(1, (drawn,))).dataset.isel(
        replicate=0
    )
    matrix, step_size = problem.measurement.target.entries, 0.02
    for step in range(3):
        x, y, zx, zy = (run[name].values[step] for name in ("x", "y", "noise_x", "noise_y"))
        residual = (x + zx) @ (y + zy).T - matrix
        np.testing.assert_allclose(run["x"].values[step + 1], x - step_size * residual @ (y + zy), rtol=1e-12)


def test_noise_is_refused_where_there_is_none(problem, start, descent):
    with pytest.raises(eq.InputError, match="asks for the noise, but GradientDescent has none"):
        eq.simulate(problem, descent, start, seed=0, steps=1, record=eq.Record(1, perturbed_loss))
    with pytest.raises(eq.InputError, match="asks for the state, which exists only along a run"):
        eq.evaluate(problem, tuple(np.ones(s) for s in problem.shapes), momentum_norm)
    with pytest.raises(eq.InputError, match="has the argument speed, which a run cannot supply; after "):
        eq.Record(1, _with_speed)


def _with_speed(problem, theta, speed):
    return speed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"init": eq.initial.Saddle()}, "init is taken from the run that is continued; leave it out"),
        ({"seed": 2}, "seed is taken from the run that is continued"),
        ({"replicates": 3}, "replicates is taken from the run that is continued"),
        ({"first_step": 3}, "first_step is taken from the run that is continued"),
        ({"dynamics": eq.dynamics.Optax(optax.adam(0.04))}, "The run was made with another method: optimizer."),
        ({"dynamics": eq.dynamics.GradientDescent(0.05)}, "The run was made with another method: it was {"),
        ({"record": eq.Record(10, "loss")}, "The run recorded loss, balance; record the same when you continue it"),
        ({"steps": -1}, "steps is -1; it must be a whole number, 0 or greater."),
    ],
)
def test_what_is_not_the_runs_own_is_refused(first, problem, options, said):
    with pytest.raises(eq.InputError) as caught:
        eq.simulate(**({"problem": problem, "dynamics": ADAM, "resume": first, "steps": 5} | options))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_problem_is_refused(first, problem, target):
    other = eq.problems.factorization(target + 1e-9, rank=2)
    with pytest.raises(eq.InputError, match=r"The run was made with another problem: measurement\.target\.entries"):
        eq.simulate(other, ADAM, resume=first, steps=1)


def test_the_same_seed_and_number_may_be_given(first, problem):
    assert eq.simulate(problem, ADAM, resume=first, seed=1, replicates=2, steps=0).dataset.sizes["replicate"] == 2


def test_a_function_of_ones_own_is_to_be_given_again(problem, start):
    record = eq.Record(5, (momentum_norm, "loss"))
    run = eq.simulate(problem, ADAM, start, seed=0, steps=5, record=record)
    with pytest.raises(eq.InputError, match="The run recorded momentum_norm, which is not known by name; give record="):
        eq.simulate(problem, ADAM, resume=run, steps=5)
    assert eq.simulate(problem, ADAM, resume=run, steps=5, record=record).dataset.sizes["step"] == 3


def test_a_run_without_its_state_or_settings_is_refused(first, problem):
    with pytest.raises(eq.InputError, match="The state has the arrays none, but the method's state has "):
        eq.simulate(problem, ADAM, resume=eq.Run(first.dataset, first.theta, first.status), steps=1)
    changed = eq.Run(first.dataset.rename(step="time"), first.theta, first.status, first.state)
    with pytest.raises(eq.InputError, match="was not recorded by simulate, or was changed since"):
        eq.simulate(problem, ADAM, resume=changed, steps=1)
