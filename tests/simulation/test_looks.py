"""The loop as a generator: the same run, one look at a time."""

import itertools

import jax
import numpy as np
import optax
import pytest

import equipoise as eq

RECORD = eq.Record(every=7, observables=("loss", "balance"))
ADAM = eq.dynamics.Optax(optax.adam(0.05))


@pytest.fixture(scope="module")
def watch(problem, start, any_method_engine):
    def looks(dynamics=ADAM, steps=30, **options):
        options = {"seed": 3, "replicates": 2, "record": RECORD, "engine": any_method_engine} | options
        return eq.simulation.looks(problem, dynamics, start, steps=steps, **options)

    return looks


def test_it_is_the_run_of_simulate(watch, problem, start, any_method_engine):
    run = eq.simulate(problem, ADAM, start, seed=3, steps=30, replicates=2, record=RECORD, engine=any_method_engine)
    seen = list(watch())
    assert [look.step for look in seen] == run.dataset["step"].values.tolist() == [0, 7, 14, 21, 28, 30]
    for name in ("loss", "balance", "norm_x"):
        np.testing.assert_array_equal(np.stack([look.values[name] for look in seen], axis=1), run.dataset[name])
    for one, other in zip(seen[-1].theta, run.theta, strict=True):
        np.testing.assert_array_equal(one, other)
    assert seen[-1].status == run.status


def test_state_and_theta_are_those_of_the_look(watch, problem):
    for look in watch():
        assert look.state[0].count.tolist() == [look.step] * 2
        for replicate in range(2):
            at = eq.evaluate(problem, tuple(w[replicate] for w in look.theta), "loss")
            np.testing.assert_allclose(look.values["loss"][replicate], at["loss"], rtol=1e-12)


def test_what_is_not_asked_for_is_not_computed(watch):
    """A run of 10^12 steps is left after three looks; between looks the user's own settings hold."""
    seen = []
    for look in itertools.islice(watch(steps=10**12), 3):
        seen.append(look.step)
        assert not jax.config.jax_enable_x64
    assert seen == [0, 7, 14]


def test_it_ends_when_everybody_has_ended(watch):
    seen = list(watch(steps=10**6, stop=eq.StopWhen("loss", below=1e9)))
    assert [look.step for look in seen] == [0]
    assert seen[0].status == (eq.Status.stopped,) * 2


def test_who_diverges_is_told(watch, descent):
    seen = list(watch(dynamics=eq.dynamics.GradientDescent(0.9), steps=100))
    assert seen[0].status == (eq.Status.completed,) * 2
    assert seen[-1].status == (eq.Status.diverged,) * 2
    assert np.all(np.isnan(seen[-1].values["loss"]))
    assert all(np.all(np.isfinite(w)) for w in seen[-1].theta)


def test_bad_input_is_told_before_the_first_look(problem, start):
    with pytest.raises(eq.InputError, match="steps is -1"):
        eq.simulation.looks(problem, ADAM, start, seed=0, steps=-1)
    with pytest.raises(eq.InputError, match="There is no engine 'quick'"):
        eq.simulation.looks(problem, ADAM, start, seed=0, steps=1, engine="quick")


class Picky(eq.simulation.AbstractEngine):
    """An engine that runs plain gradient descent alone."""

    name = "picky"
    is_traced = True

    def refusal(self, experiment):
        kind = type(experiment.dynamics).__name__
        return "" if kind == "GradientDescent" else f"runs gradient descent alone, not {kind}"

    def advance(self, experiment, batch, step, count):
        return eq.simulation.XLA().advance(experiment, batch, step, count)


def test_an_engine_says_why_it_refuses(watch, descent):
    assert len(list(watch(dynamics=descent, engine=Picky()))) == 6
    with pytest.raises(eq.InputError) as caught:
        watch(engine=Picky())
    assert str(caught.value) == "The picky engine runs gradient descent alone, not Optax; use engine='auto'."
