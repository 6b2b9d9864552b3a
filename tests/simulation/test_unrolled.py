"""Steps as a pure function: the paths of `simulate`, and derivatives as finite differences say."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.dynamics import (
    AdaptiveSharpnessAware,
    BalancednessAware,
    GradientDescent,
    Hypentropy,
    LabelNoise,
    Minibatch,
    MirrorDescent,
    Optax,
    PerturbedGD,
    PowerPotential,
    ScaledGD,
    SharpnessAware,
)
from equipoise.simulation import unroll

PROBLEM = eq.problems.planted((4, 3), 1, seed=0)
THETA = tuple(0.3 * np.random.default_rng(1).standard_normal(shape) for shape in PROBLEM.shapes)


@pytest.mark.parametrize(
    "method",
    [
        PerturbedGD(0.1, eq.noise.Gaussian(0.1)),
        Minibatch(LabelNoise(GradientDescent(0.02), 0.1), 3, "epochs"),
        Optax(optax.chain(optax.add_noise(0.01, 0.5, 0), optax.sgd(0.1, momentum=0.5))),
    ],
    ids=["perturbed", "epochs", "optax"],
)
def test_the_path_is_that_of_simulate(method):
    run = eq.simulate(PROBLEM, method, eq.initial.Given(THETA), seed=5, steps=70, replicates=3, progress=False)
    found = unroll(PROBLEM, method, THETA, steps=70, seed=5, replicate=2)
    for one, other in zip(found, run.theta, strict=True):
        np.testing.assert_allclose(one, other[2], rtol=1e-10)


def _end(numbers):
    """The loss at the end, as a function of the step size, the noise level and a factor of the start."""
    step_size, std, factor = numbers
    method = LabelNoise(PerturbedGD(step_size, eq.noise.Gaussian(std)), std)
    theta = unroll(PROBLEM, method, tuple(factor * w for w in THETA), steps=66, seed=1)
    return PROBLEM.loss(theta)


def test_derivatives_are_those_of_finite_differences():
    at, small = jnp.asarray, 1e-5
    point = np.array([0.05, 0.1, 1.3])
    with eq.numerics():
        found = jax.jit(jax.grad(_end))(at(point))
        value = jax.jit(_end)
        for number in range(3):
            shift = small * np.eye(3)[number]
            wanted = (value(at(point + shift)) - value(at(point - shift))) / (2 * small)
            np.testing.assert_allclose(found[number], wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("method", "number"),
    [
        (lambda number: SharpnessAware(GradientDescent(0.1), number), 0.1),
        (lambda number: AdaptiveSharpnessAware(GradientDescent(0.1), number, floor=number), 0.1),
        (lambda number: BalancednessAware(0.1, number), 0.1),
        (lambda number: ScaledGD(0.1, damping=number), 0.1),
        (lambda number: MirrorDescent(0.1, Hypentropy(number)), 0.5),
        (lambda number: MirrorDescent(0.1, PowerPotential(number)), 1.8),
    ],
    ids=["radius", "adaptive radius and floor", "balancedness", "damping", "beta", "exponent"],
)
def test_the_numbers_of_a_method_have_derivatives(method, number):
    def end(value):
        return PROBLEM.loss(unroll(PROBLEM, method(value), THETA, steps=4))

    small = 1e-5
    with eq.numerics():
        found = jax.grad(end)(jnp.asarray(number))
        wanted = (end(number + small) - end(number - small)) / (2 * small)
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
        assert abs(wanted) > 1e-4


def test_bad_input_and_single_precision_are_refused():
    with pytest.raises(eq.InputError, match="The start has arrays of shapes"):
        unroll(PROBLEM, GradientDescent(0.1), THETA[:1], steps=1)
    with pytest.raises(eq.InputError, match="JAX traces it in float32"):
        jax.grad(lambda size: PROBLEM.loss(unroll(PROBLEM, GradientDescent(size), THETA, steps=2)))(0.1)
