"""A network's data: parts of them, noise on them, others in their place, and planted ones."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import networks


@pytest.fixture
def planted():
    return eq.problems.planted_network((3, 4, 2), 6, seed=5, bias=True)


@pytest.fixture
def theta(planted):
    random = np.random.default_rng(1)
    return tuple(random.standard_normal(shape) for shape in planted.shapes)


@pytest.mark.usefixtures("double")
def test_the_losses_of_single_points_average_to_the_whole(planted, theta):
    assert planted.points == 6
    loss = eqx.filter_jit(lambda problem, indices: problem.batch(indices).loss(theta))
    ones = [float(loss(planted, np.array([i]))) for i in range(6)]
    assert len(set(ones)) == 6
    assert np.mean(ones) == pytest.approx(float(planted.loss(theta)), rel=1e-13)
    assert float(loss(planted, np.array([2, 2, 4]))) == pytest.approx((2 * ones[2] + ones[4]) / 3, rel=1e-13)


def test_label_noise_is_on_every_target_and_on_nothing_else(planted):
    with eq.numerics():
        noisy = planted.with_label_noise(jax.random.key(0), 0.5)
        again = planted.with_label_noise(jax.random.key(0), 1.0)
    shift = np.asarray(noisy.targets) - planted.targets
    assert np.all(shift != 0)
    np.testing.assert_allclose(np.asarray(again.targets) - planted.targets, 2 * shift, rtol=1e-12)
    np.testing.assert_array_equal(noisy.inputs, planted.inputs)


@pytest.mark.parametrize(("loss", "values"), [("quadratic", None), ("logistic", {-1, 1}), ("cross_entropy", {0, 1})])
def test_other_data_are_of_the_same_form(loss, values):
    problem = eq.problems.planted_network((3, 4, 2), 40, seed=5, loss=loss, dtype=np.float32)
    with eq.numerics():
        other = problem.redrawn(jax.random.key(3))
    for one, found in ((problem.inputs, other.inputs), (problem.targets, other.targets)):
        assert found.shape == one.shape
        assert found.dtype == one.dtype
        assert np.any(np.asarray(found) != one)
    assert other.shapes == problem.shapes
    for targets in (problem.targets, np.asarray(other.targets)):
        assert values is None or set(np.unique(targets)) == values
        assert loss != "cross_entropy" or np.all(targets.sum(axis=1) == 1)


def test_targets_are_a_teachers_or_random():
    options = {"seed": 2, "activation": "tanh"}
    blank = eq.problems.planted_network((3, 2, 2), 50, **options)
    again = eq.problems.planted_network((3, 2, 2), 50, **options)
    wider = eq.problems.planted_network((3, 5, 2), 50, teacher=(3, 2, 2), **options)
    random = eq.problems.planted_network((3, 2, 2), 50, targets="random", **options)
    np.testing.assert_array_equal(blank.targets, again.targets)
    np.testing.assert_array_equal(blank.targets, wider.targets)
    np.testing.assert_array_equal(blank.inputs, random.inputs)
    # what passes through one linear neuron has rank 1
    narrow = eq.problems.planted_network((3, 1, 2), 50, seed=2, activation="linear")
    assert [np.linalg.matrix_rank(problem.targets) for problem in (narrow, random)] == [1, 2]


def test_data_maps_and_slopes_are_no_part_of_the_compiled_program():
    traces = []

    def counted(problem, theta):
        traces.append(1)
        return jnp.asarray(0.0)

    def run(seed, index, slope):
        layers = networks.Shared(np.array([[2, index, -1], [index, index, 0]])), networks.Dense(2)
        activation = networks.LeakyReLU(slope)
        problem = eq.problems.planted_network(
            None, 6, seed=seed, input_shape=(3,), layers=layers, activation=activation
        )
        record = eq.Record(every=1, observables=(counted, "loss"))
        start, descent = eq.initial.Gaussian((0.5, 0.1)), eq.dynamics.GradientDescent(0.1)
        return eq.simulate(problem, descent, start, seed=0, steps=2, record=record).dataset["loss"].values[0, -1]

    first = run(0, 1, 0.1)
    count = len(traces)
    assert count > 0
    others = [run(1, 1, 0.1), run(0, 0, 0.1), run(0, 1, 1.0)]
    assert len(traces) == count
    assert len({first, *others}) == 4
