"""Methods with noise of other kinds: on both sides, on the gradient, of a temperature, and on labels for an epoch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.dynamics import GradientDescent, GradientNoise, LabelNoise, Langevin, Minibatch, TwoSidedPerturbedGD

pytestmark = pytest.mark.usefixtures("double")

GENERATOR = np.random.default_rng(6)
PROBLEM = eq.problems.factorization(GENERATOR.standard_normal((4, 3)), rank=2)
THETA = tuple(GENERATOR.standard_normal(shape) for shape in PROBLEM.shapes)
GAUSSIAN = eq.noise.Gaussian(std=0.3)


def _key(number):
    return jax.random.key(number, impl="threefry2x32")


def _step(method, key=0, step=0):
    return method.step(PROBLEM, THETA, method.init(PROBLEM, THETA), _key(key), step)[0]


def test_both_sides_cancel_what_is_linear_in_the_noise():
    """The step less that of gradient descent is of second order in the noise, and even: the sign of ξ has no effect."""
    plain = _step(GradientDescent(0.1))
    off = [_step(TwoSidedPerturbedGD(0.1, eq.noise.Gaussian(std=std)))[0] - plain[0] for std in (1e-3, 2e-3)]
    np.testing.assert_allclose(off[1], 4 * off[0], rtol=1e-6)
    assert np.max(np.abs(off[0])) > 1e-8


def test_both_sides_descend_the_smoothed_objective_on_average():
    """Within 6 standard errors for each of 14 numbers: once in 10⁷ seeds."""
    method, count = TwoSidedPerturbedGD(1.0, GAUSSIAN), 2000
    steps = jax.vmap(lambda key: method.step(PROBLEM, THETA, None, key, 0)[0])(jax.vmap(_key)(np.arange(count)))
    smoothed = eq.theory.smoothed(PROBLEM, GAUSSIAN).gradient(THETA)
    plain = PROBLEM.gradient(THETA)
    for found, w, g, without in zip(steps, THETA, smoothed, plain, strict=True):
        error = np.std(found, axis=0) / np.sqrt(count)
        assert np.all(np.abs(np.mean(found, axis=0) - (w - g)) < 6 * error)
        assert np.max(np.abs(g - without) / error) > 20


def test_noise_on_the_gradient_is_added_to_it():
    noisy, plain = _step(GradientNoise(GradientDescent(0.1), GAUSSIAN)), _step(GradientDescent(0.1))
    double = _step(GradientNoise(GradientDescent(0.2), GAUSSIAN))
    for found, without, w, twice in zip(noisy, plain, THETA, double, strict=True):
        np.testing.assert_allclose(twice - w, 2 * (found - w), rtol=1e-12)
        assert 0.1 < np.std((found - without) / -0.1) / 0.3 < 2


def test_langevin_has_the_variance_of_its_temperature():
    """Of ½λθ² it is T/(λ(1 − ηλ/2)); 4000 numbers, so within 6 standard errors of √(2/4000): once in 10⁹."""
    curvature, size, temperature, count = 2.0, 0.3, 0.5, 4000
    problem = eq.problems.custom(lambda theta: curvature / 2 * jnp.sum(theta[0] ** 2), [(count,)])
    start = eq.initial.Given((np.zeros(count),))
    run = eq.simulate(problem, Langevin(size, temperature), start, seed=1, steps=60, record=eq.Record(every=60))
    expected = temperature / (curvature * (1 - size * curvature / 2))
    assert np.var(run.theta[0][0]) == pytest.approx(expected, rel=6 * np.sqrt(2 / count))
    assert temperature / curvature < 0.8 * expected  # so that the step size matters


def test_at_temperature_0_langevin_is_gradient_descent():
    for found, wanted in zip(_step(Langevin(0.1, 0.0)), _step(GradientDescent(0.1)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-14)


@pytest.fixture(scope="module")
def labels():
    """The shift of each step that the noise on labels makes, over 7 steps of epochs of 3."""
    with eq.numerics():
        method = LabelNoise(GradientDescent(1.0), std=1.0, epoch=3)
        state, shifts = method.init(PROBLEM, THETA), []
        for step in range(7):
            moved, state = method.step(PROBLEM, THETA, state, _key(step), step)
            shifts.append(np.asarray(moved[0] - _step(GradientDescent(1.0))[0]))
    return shifts


def test_labels_keep_their_noise_for_an_epoch(labels):
    for step in range(1, 7):
        assert np.allclose(labels[step], labels[step - 1], rtol=1e-12) == (step % 3 != 0)


def test_the_first_epoch_draws_as_a_single_step_does(labels):
    single = _step(LabelNoise(GradientDescent(1.0), std=1.0))[0] - _step(GradientDescent(1.0))[0]
    np.testing.assert_allclose(labels[0], single, rtol=1e-12)


def test_a_run_that_begins_within_an_epoch_draws_at_once():
    method = LabelNoise(GradientDescent(0.1), std=1.0, epoch=5)
    assert not np.allclose(_step(method, step=3)[0], _step(GradientDescent(0.1))[0])


def test_batches_see_the_labels_of_the_epoch():
    """A batch of all points under noise for an epoch is the step on the noisy labels."""
    whole = LabelNoise(GradientDescent(0.1), std=1.0, epoch=4)
    batched = LabelNoise(Minibatch(GradientDescent(0.1), PROBLEM.points), std=1.0, epoch=4)
    for found, wanted in zip(_step(batched), _step(whole), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LabelNoise(GradientDescent(0.1), 0.1, epoch=0), "epoch is 0"),
        (lambda: Langevin(0.1, -1.0), "temperature is -1"),
        (lambda: TwoSidedPerturbedGD(0.0, GAUSSIAN), "step_size is 0"),
    ],
)
def test_impossible_settings_are_refused(make, words):
    with pytest.raises(eq.InputError, match=words):
        make()
