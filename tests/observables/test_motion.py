"""Gradient, noise and state by name are the norms of what functions see."""

import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.dynamics import GradientDescent, Minibatch, Optax, PerturbedGD


@pytest.fixture(scope="module")
def problem():
    return eq.problems.planted((4, 3), 1, seed=0)


@pytest.fixture(scope="module")
def simulate(problem):
    def simulate(method, *observables):
        record = eq.Record(1, observables)
        return eq.simulate(
            problem, method, eq.initial.Gaussian(0.5), seed=1, steps=3, replicates=2, record=record, progress=False
        ).dataset

    return simulate


def momentum(problem, theta, state):
    return state.trace[1]


def perturbation(problem, theta, noise):
    return noise[0]


def slope(problem, theta):
    return problem.gradient(theta)[1]


def _norm(array):
    return np.sqrt((array.values**2).sum((-2, -1)))


def test_gradient_and_state_are_norms_of_their_arrays(simulate):
    found = simulate(Optax(optax.trace(0.9), 0.1), "gradient", "state", slope, momentum)
    assert {"gradient", "state_trace_0", "state_trace_1"} < set(found)
    assert found["gradient"].dims == ("replicate", "step", "array")
    np.testing.assert_allclose(found["gradient"][..., 1], _norm(found["slope"]), rtol=1e-12)
    np.testing.assert_allclose(found["state_trace_1"], _norm(found["momentum"]), rtol=1e-12)
    assert (found["state_trace_1"].sel(step=0) == 0).all()
    assert (found["state_trace_1"].sel(step=1) > 0).all()


def test_noise_is_the_norm_of_the_perturbation(simulate):
    found = simulate(PerturbedGD(0.1, eq.noise.Gaussian(0.1)), "noise", perturbation)
    np.testing.assert_allclose(found["noise"][..., 0], _norm(found["perturbation"]), rtol=1e-12)


def test_what_a_method_does_not_have_is_refused_by_name(simulate):
    with pytest.raises(eq.InputError, match="asks for the noise, but GradientDescent has none"):
        simulate(GradientDescent(0.1), "noise")
    for method in (GradientDescent(0.1), Minibatch(GradientDescent(0.1), 2, "epochs")):
        with pytest.raises(eq.InputError, match="carries none from step to step"):
            simulate(method, "state")
