"""Optimizers of optax: alone, and as directions with a step size of ours."""

import jax
import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.dynamics import GradientDescent, Optax

pytestmark = pytest.mark.usefixtures("double")

PROBLEM = eq.problems.factorization(np.arange(12.0).reshape(4, 3) / 10, rank=2)
THETA = tuple(np.random.default_rng(2).standard_normal(shape) for shape in PROBLEM.shapes)


def _walk(method, steps=5):
    theta, state = THETA, method.init(PROBLEM, THETA)
    for step in range(steps):
        theta, state = method.step(PROBLEM, theta, state, jax.random.key(0), step)
    return theta


def _same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    ("direction", "whole"),
    [
        (optax.identity(), optax.sgd(0.02)),
        (optax.trace(0.9), optax.sgd(0.02, momentum=0.9)),
        (optax.trace(0.9, nesterov=True), optax.sgd(0.02, momentum=0.9, nesterov=True)),
        (optax.scale_by_adam(), optax.adam(0.02)),
        (optax.scale_by_sign(), optax.sign_sgd(0.02)),
    ],
)
def test_a_direction_with_a_step_size_is_the_optimizer(direction, whole):
    _same(_walk(Optax(direction, step_size=0.02)), _walk(Optax(whole)))


def test_step_sizes_are_those_of_gradient_descent():
    sizes = (lambda step: 0.1 / (step + 1), 0.01)
    _same(_walk(Optax(optax.identity(), step_size=sizes)), _walk(GradientDescent(sizes)))


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda: Optax(0.1), "0.1 is not an optax optimizer"), (lambda: Optax(optax.identity(), 0.0), "step_size is 0")],
)
def test_what_is_none_is_refused(make, words):
    with pytest.raises(eq.InputError, match=words):
        make()
