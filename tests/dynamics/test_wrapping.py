"""Methods around a method: minibatches, noise on the labels, gradients uphill."""

import jax
import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.dynamics import GradientDescent, LabelNoise, Minibatch, Optax, PerturbedGD, SharpnessAware

pytestmark = pytest.mark.usefixtures("double")

GENERATOR = np.random.default_rng(1)
PROBLEM = eq.problems.sensing(
    GENERATOR.standard_normal((6, 3, 3)), GENERATOR.standard_normal(6), parametrization="asymmetric", width=2
)
THETA = tuple(GENERATOR.standard_normal(shape) for shape in PROBLEM.shapes)
PLAIN = GradientDescent(0.01)


def _key(number):
    return jax.random.key(number, impl="threefry2x32")


def _step(method, key=0, problem=PROBLEM):
    return method.step(problem, THETA, method.init(problem, THETA), _key(key), 0)[0]


def _same(one, other, rtol=1e-12):
    return all(np.allclose(a, b, rtol=rtol, atol=1e-13) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "method", [Minibatch(PLAIN, 6), LabelNoise(PLAIN, std=0.0), Minibatch(LabelNoise(PLAIN, std=0.0), 6)]
)
def test_the_whole_without_noise_is_the_method_itself(method):
    assert _same(_step(method), _step(PLAIN))


def test_batches_are_right_on_average_and_differ():
    # the mean over n = 4000 batches of one point; each entry within 6 standard errors, but once in 10⁷ (12 entries)
    steps = [_step(Minibatch(PLAIN, 1), key) for key in range(8)]
    assert not all(_same(steps[0], step) for step in steps)  # they are of one and the same of six points once in 3·10⁵
    many = jax.vmap(lambda key: Minibatch(PLAIN, 1).step(PROBLEM, THETA, None, key, 0)[0])(
        jax.vmap(_key)(np.arange(4000))
    )
    for found, wanted in zip(many, _step(PLAIN), strict=True):
        error = np.std(found, axis=0) / np.sqrt(4000)
        assert np.all(np.abs(np.mean(found, axis=0) - wanted) < 6 * error)


def test_a_batch_holds_no_point_twice():
    # of six points any batch of five leaves out one: there are six steps, not more, over many draws
    steps = [_step(Minibatch(PLAIN, 5), key) for key in range(60)]
    kinds = {tuple(np.round(np.concatenate([w.ravel() for w in step]), 9)) for step in steps}
    assert len(kinds) == 6  # all are seen in 60 draws, but 1 time in 9000


def test_noise_on_labels_moves_theta_by_the_gradient_of_the_labels():
    moved, plain = _step(LabelNoise(PLAIN, std=1.0)), _step(PLAIN)
    assert not _same(moved, plain)
    # the loss is quadratic in the labels: what they add to the step is linear in std
    double = _step(LabelNoise(PLAIN, std=2.0))
    for once, twice, none in zip(moved, double, plain, strict=True):
        np.testing.assert_allclose(twice - none, 2 * (once - none), rtol=1e-10, atol=1e-14)


def test_a_schedule_turns_the_noise_off():
    falling = LabelNoise(PLAIN, std=lambda step: 1.0 * (step < 1))
    quiet = falling.step(PROBLEM, THETA, falling.init(PROBLEM, THETA), _key(0), 1)[0]
    assert _same(quiet, _step(PLAIN))


def test_a_sharpness_aware_step_is_as_in_the_paper():
    radius = 0.3
    gradient = PROBLEM.gradient(THETA)
    norm = np.sqrt(sum(np.sum(g**2) for g in gradient))
    uphill = tuple(w + radius * g / norm for w, g in zip(THETA, gradient, strict=True))
    by_hand = tuple(w - 0.01 * g for w, g in zip(THETA, PROBLEM.gradient(uphill), strict=True))
    assert _same(_step(SharpnessAware(PLAIN, radius)), by_hand)
    assert not _same(by_hand, _step(PLAIN), rtol=1e-4)


def test_at_a_stationary_point_a_sharpness_aware_step_stays():
    zero = tuple(np.zeros_like(w) for w in THETA)
    method = SharpnessAware(PLAIN, 0.1)
    moved, _ = method.step(PROBLEM, zero, method.init(PROBLEM, zero), _key(0), 0)
    assert all(np.all(w == 0) for w in moved)


def test_wrappers_wrap_each_other_and_any_method():
    inner = Optax(optax.adam(0.01))
    method = Minibatch(LabelNoise(SharpnessAware(inner, 0.05), std=0.1), 3)
    run = eq.simulate(
        PROBLEM, method, eq.initial.Gaussian(std=0.5), seed=0, steps=300, replicates=2, record=eq.Record(every=100)
    )
    assert [status.name for status in run.status] == ["completed"] * 2
    assert np.all(run.dataset["loss"].values[:, -1] < run.dataset["loss"].values[:, 0])


def test_the_inner_method_draws_other_numbers():
    noise = eq.noise.Gaussian(std=0.1)
    alone = _step(PerturbedGD(0.01, noise))
    wrapped = _step(Minibatch(PerturbedGD(0.01, noise), 6))
    assert not _same(alone, wrapped, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Minibatch(PLAIN, 0), "size of a minibatch is 0"),
        (lambda: Minibatch(PLAIN, 2.5), "size of a minibatch is 2.5"),
        (lambda: Minibatch(PLAIN, 7).init(PROBLEM, THETA), "is 7; it must be a whole number, from 1 to 6"),
        (lambda: LabelNoise(PLAIN, std=-1), "std is -1"),
        (lambda: SharpnessAware(PLAIN, 0.0), "radius is 0.0"),
    ],
)
def test_impossible_settings_are_refused(make, words):
    with pytest.raises(eq.InputError, match=words):
        make()
