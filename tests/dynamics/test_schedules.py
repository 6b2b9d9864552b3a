"""Step sizes that fall as a power of the step."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import equipoise as eq

ONCE = eq.Record(every=5, observables=("loss",))


@pytest.mark.usefixtures("double")
def test_formula():
    schedule = eq.dynamics.PowerDecay(0.3, 0.75)
    np.testing.assert_allclose([float(schedule(t)) for t in (0, 1, 9)], 0.3 * np.array([1, 2, 10]) ** -0.75, rtol=1e-15)


@pytest.mark.parametrize(("initial", "exponent"), [(0.0, 1.0), (-1.0, 1.0), (np.nan, 1.0), (0.1, -0.5), (0.1, np.inf)])
def test_numbers_out_of_range_are_told(initial, exponent):
    with pytest.raises(eq.InputError, match="must be finite and"):
        eq.dynamics.PowerDecay(initial, exponent)


def test_a_run_follows_it(problem, start):
    mine = eq.dynamics.GradientDescent(eq.dynamics.PowerDecay(0.1, 1.0))
    other = eq.dynamics.GradientDescent(lambda step: 0.1 / (step + 1.0))
    runs = [eq.simulate(problem, method, start, seed=0, steps=20, record=ONCE) for method in (mine, other)]
    np.testing.assert_allclose(runs[0].theta[0], runs[1].theta[0], rtol=1e-13)


def test_it_may_drive_an_optax_optimizer(problem, start):
    method = eq.dynamics.Optax(optax.sgd(eq.dynamics.PowerDecay(0.1, 1.0)))
    plain = eq.dynamics.GradientDescent(eq.dynamics.PowerDecay(0.1, 1.0))
    runs = [eq.simulate(problem, each, start, seed=0, steps=20, record=ONCE) for each in (method, plain)]
    np.testing.assert_allclose(runs[0].theta[0], runs[1].theta[0], rtol=1e-12)


def test_other_numbers_do_not_compile_again(problem, start):
    traced = []

    def count(problem, theta):
        traced.append(1)
        return jnp.sum(theta[0])

    record = eq.Record(every=5, observables=(count,))
    ends = []
    for initial, exponent in ((0.1, 1.0), (0.2, 0.6)):
        method = eq.dynamics.GradientDescent(eq.dynamics.PowerDecay(initial, exponent))
        ends.append(eq.simulate(problem, method, start, seed=0, steps=20, record=record).theta[0])
        first = len(traced) if len(ends) == 1 else first
    assert len(traced) == first
    assert np.max(np.abs(ends[1] - ends[0])) > 1e-3


def test_settings_tell_its_numbers(problem, start):
    method = eq.dynamics.GradientDescent(eq.dynamics.PowerDecay(0.1, 0.75))
    settings = eq.simulate(problem, method, start, seed=0, steps=5, record=ONCE).dataset.attrs["settings"]
    assert '"initial": 0.1' in settings
    assert '"exponent": 0.75' in settings
