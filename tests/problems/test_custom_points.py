"""Losses of one's own over data points: batches of them, and noise on their labels."""

import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.dynamics import GradientDescent, LabelNoise, Minibatch

GENERATOR = np.random.default_rng(0)
INPUTS, LABELS = GENERATOR.standard_normal((10, 3)), GENERATOR.standard_normal(10)
THETA = (np.ones(3),)


def mean(theta, data):
    return jnp.mean((data[0] @ theta[0] - data[1]) ** 2)


def total(theta, data):
    return jnp.sum((data["x"].T @ theta[0] - data["y"]) ** 2)


def at_point(theta, point):
    return (point["x"] @ theta[0] - point["y"]) ** 2


PROBLEMS = {
    "mean": eq.problems.custom(mean, [(3,)], data=(INPUTS, LABELS), axis=0, labels=1),
    "sum": eq.problems.custom(
        total, [(3,)], data={"x": INPUTS.T, "y": LABELS}, axis={"x": 1, "y": 0}, reduction="sum", labels="y"
    ),
    "per point": eq.problems.custom(at_point, [(3,)], data={"x": INPUTS, "y": LABELS}, per_point=True, labels="y"),
}
SENSING = eq.problems.sensing(INPUTS[:, :, None], LABELS, parametrization="direct", scale=0.1)


@pytest.mark.parametrize("name", PROBLEMS)
def test_batches_have_the_right_mean_and_are_the_loss_of_their_points(name):
    problem, factor = PROBLEMS[name], 10 if name == "sum" else 1
    assert problem.points == 10
    gradients = [problem.batch(np.array([i])).gradient(THETA)[0] for i in range(10)]
    np.testing.assert_allclose(np.mean(gradients, axis=0), problem.gradient(THETA)[0], rtol=1e-12)
    some = np.array([2, 7, 4])
    wanted = np.mean((INPUTS[some] @ THETA[0] - LABELS[some]) ** 2)
    np.testing.assert_allclose(problem.batch(some).loss(THETA), factor * wanted, rtol=1e-12)


@pytest.mark.parametrize(
    "method", [Minibatch(GradientDescent(0.05), 2), LabelNoise(GradientDescent(0.05), 0.2)], ids=["batch", "noise"]
)
def test_paths_are_those_of_the_same_problem_in_factored_form(method):
    """Both draw alike, so that a mean of ten squared residuals takes the path of linear measurements of scale 0.1."""
    settings = {"seed": 3, "steps": 20, "replicates": 2, "progress": False}
    wanted = eq.simulate(SENSING, method, eq.initial.Given((np.ones((3, 1)),)), **settings).theta[0][:, :, 0]
    found = eq.simulate(PROBLEMS["mean"], method, eq.initial.Given(THETA), **settings).theta[0]
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"axis": 2}, r"axis is 2, but the data has an array of shape \(10, 3\)"),
        ({"axis": 0, "data": (INPUTS, LABELS[:4])}, r"the arrays have \[4, 10\] points"),
        ({"axis": (None, None)}, "no array has points"),
        ({"labels": 1}, "give axis= or per_point=True too"),
        ({"axis": 0, "labels": 5}, "labels is 5"),
        ({"axis": 0, "labels": "q"}, "labels is 'q'"),
        ({"axis": 0, "reduction": "max"}, "reduction is 'max'"),
        ({"axis": 0, "data": None}, "data is missing"),
    ],
)
def test_what_does_not_fit_is_refused(more, words):
    with pytest.raises(eq.InputError, match=words):
        eq.problems.custom(mean, [(3,)], **{"data": (INPUTS, LABELS), **more})


@pytest.mark.parametrize(
    ("more", "method", "words"),
    [
        ({}, Minibatch(GradientDescent(0.1), 2), "axis= or per_point=True"),
        ({}, LabelNoise(GradientDescent(0.1), 0.1), "labels="),
        ({"axis": 0}, LabelNoise(GradientDescent(0.1), 0.1), "pass labels= to custom"),
    ],
)
def test_methods_that_need_more_say_how_to_name_it(more, method, words):
    problem = eq.problems.custom(mean, [(3,)], data=(INPUTS, LABELS), **more)
    with pytest.raises(eq.InputError, match=words):
        eq.simulate(problem, method, eq.initial.Given(THETA), seed=0, steps=1, progress=False)
