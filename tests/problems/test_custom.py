"""A user's own loss as a problem."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq


def _quartic(theta):
    x, y = theta
    return 0.5 * jnp.sum((x @ y.T - jnp.eye(3, 2)) ** 2)


def _fit(theta, data):
    (w,) = theta
    inputs, targets = data
    return 0.5 * jnp.mean((inputs @ w - targets) ** 2)


def _draw(key):
    inputs, targets = jax.random.split(key)
    return jax.random.normal(inputs, (7, 4)), jax.random.normal(targets, (7,))


def test_it_is_the_problem_that_it_spells_out():
    problem = eq.problems.custom(_quartic, [(3, 2), (2, 2)])
    known = eq.problems.factorization(np.eye(3, 2), rank=2)
    dynamics, start = eq.dynamics.GradientDescent(0.1), eq.initial.Gaussian(std=0.3)
    record = eq.Record(every=5, observables=("loss", "balance"))
    runs = [eq.simulate(p, dynamics, start, seed=1, steps=40, replicates=2, record=record) for p in (problem, known)]
    np.testing.assert_allclose(runs[0].dataset["loss"], runs[1].dataset["loss"], rtol=1e-10)
    np.testing.assert_allclose(runs[0].dataset["balance"], runs[1].dataset["balance"], rtol=1e-10)


def test_sharpness_is_that_of_the_hessian():
    problem = eq.problems.custom(_quartic, [(3, 2), (2, 2)])
    theta = tuple(np.random.default_rng(0).standard_normal(shape) for shape in problem.shapes)
    with eq.numerics():
        flat, back = jax.flatten_util.ravel_pytree(theta)
        hessian = jax.jit(jax.hessian(lambda at: _quartic(back(at))))(flat)
        largest = np.linalg.eigvalsh(hessian)[-1]
    assert eq.evaluate(problem, theta, ["sharpness"])["sharpness"] == pytest.approx(largest, rel=1e-6)


def test_data_are_given_or_drawn():
    drawn = eq.problems.custom(_fit, [(4,)], redraw=_draw)
    with eq.numerics():
        given = eq.problems.custom(_fit, [(4,)], data=_draw(jax.random.key(0)))
    theta = (np.arange(4.0),)
    assert float(drawn.loss(theta)) == float(given.loss(theta))
    other = drawn.redrawn(jax.random.key(1))
    assert float(other.loss(theta)) != float(drawn.loss(theta))
    with pytest.raises(eq.InputError, match="redraw"):
        given.redrawn(jax.random.key(1))


def test_single_precision_is_kept():
    problem = eq.problems.custom(_quartic, [(3, 2), (2, 2)], dtype=np.float32)
    gradient = problem.gradient(tuple(np.ones(s, np.float32) for s in problem.shapes))
    assert {str(g.dtype) for g in gradient} == {"float32"}


@pytest.mark.parametrize(
    ("loss", "shapes", "words"),
    [
        (_quartic, [(3, 2), (2, 3)], "_quartic.theta. fails on arrays of shapes .*dot_general"),
        (_quartic, [(3, 2)], "not enough values to unpack"),
        (lambda theta: theta[0], [(3,)], "shape .3,.*must be one real number"),
        (lambda theta: 1j * theta[0][0], [(3,)], "complex"),
        (_quartic, [], "shapes is empty"),
        (_quartic, "ab", "shapes must be a list"),
        (_quartic, [3, 2], "shapes must be a list"),
        (_quartic, [(3, 0)], "size in shapes is 0"),
        ("loss", [(3, 2)], "pass a function"),
    ],
)
def test_what_is_no_loss_is_refused(loss, shapes, words):
    with pytest.raises(eq.InputError, match=words) as caught:
        eq.problems.custom(loss, shapes)
    assert "\n" not in str(caught.value)
