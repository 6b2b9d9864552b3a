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


def _old_key():
    """A method that keeps a key of the old form in its state."""

    def update(updates, state, params=None):
        draw, kept = jax.random.split(state["key"])
        noise = jax.random.normal(draw, updates[0].shape)
        return (-0.01 * updates[0] + 0.01 * noise, -0.01 * updates[1]), {"key": kept}

    return optax.GradientTransformation(lambda params: {"key": jax.random.PRNGKey(3)}, update)


def _fixed_key(count):
    """A method whose noise comes from a key in its code, folded with the number of the step if it counts."""

    def update(updates, state, params=None):
        key = jax.random.fold_in(jax.random.key(0), state)
        return jax.tree.map(lambda u: 0.01 * jax.random.normal(key, u.shape), updates), state + count

    return optax.GradientTransformation(lambda params: np.zeros((), np.int32), update)


def _run(optimizer, replicates, **more):
    init = eq.initial.Given(THETA)
    settings = {"seed": 0, "steps": 6, "replicates": replicates, "progress": False, **more}
    return eq.simulate(PROBLEM, Optax(optimizer), init, **settings)


@pytest.mark.parametrize("optimizer", [optax.add_noise(0.01, 0.55, 0), _old_key()])
def test_each_replicate_has_noise_of_its_own(optimizer):
    chained = optax.chain(optimizer, optax.scale(-0.02))
    run = _run(chained, 4)
    assert len(np.unique(run.theta[0].reshape(4, -1), axis=0)) == 4
    in_parts = _run(chained, 4, chunk=3)
    np.testing.assert_allclose(in_parts.theta[0], run.theta[0], rtol=1e-12)
    other = _run(chained, 4, seed=1)
    assert not np.any(np.all(other.theta[0] == run.theta[0], axis=(1, 2)))


@pytest.mark.parametrize("count", [0, 1])
def test_noise_that_all_replicates_would_share_is_refused(count):
    with pytest.raises(eq.InputError, match="fixed in its code"):
        _run(optax.chain(optax.add_noise(0.01, 0.55, 0), _fixed_key(count)), 2)


def test_what_an_optimizer_asks_for_is_handed_over():
    def polyak(theta):  # η = (loss − its minimum)/‖g‖², bounded by 1
        gradient = PROBLEM.gradient(theta)
        size = min(1.0, float(PROBLEM.loss(theta) / sum(np.sum(g**2) for g in gradient)))
        return tuple(w - size * g for w, g in zip(theta, gradient, strict=True))

    _same(_walk(Optax(optax.polyak_sgd()), 2), polyak(polyak(THETA)))


def test_lbfgs_descends_faster_than_its_direction_alone():
    before, after = PROBLEM.loss(THETA), PROBLEM.loss(_walk(Optax(optax.lbfgs()), 8))
    assert after < 0.1 * before


def test_an_optimizer_that_fails_is_refused_with_its_reason():
    with pytest.raises(eq.InputError, match=r"cannot run this optimizer on arrays of shapes .*: ValueError"):
        _run(optax.contrib.scale_by_muon(), 1)
