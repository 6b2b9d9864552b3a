"""The protocol of one step: shapes, precision, purity."""

from typing import NamedTuple

import jax
import numpy as np
import pytest

import equipoise as eq

pytestmark = pytest.mark.usefixtures("double")


def _key(number):
    return jax.random.key(number, impl="threefry2x32")


def _step(dynamics, problem, theta, key):
    return dynamics.step(problem, theta, dynamics.init(problem, theta), key, 3)


class Stepped(NamedTuple):
    """The first step of a method from a start, with copies of what it was given."""

    case: object
    dynamics: eq.dynamics.AbstractDynamics
    theta: tuple[np.ndarray, ...]
    untouched: tuple[np.ndarray, ...]
    before: object
    moved: tuple
    after: object


@pytest.fixture(scope="module")
def stepped(stepping):
    case, method = stepping
    theta = case.start(0)
    untouched = tuple(w.copy() for w in theta)
    with eq.numerics():
        dynamics = method.make(case.problem.shapes, 0.02)
        before = dynamics.init(case.problem, theta)
        moved, after = dynamics.step(case.problem, theta, before, _key(0), 3)
    return Stepped(case, dynamics, theta, untouched, before, moved, after)


def test_shapes_and_precision_stay(stepped):
    case, moved = stepped.case, stepped.moved
    assert tuple(w.shape for w in moved) == case.problem.shapes
    assert [str(w.dtype) for w in moved] == [case.precision] * len(moved)
    assert str(case.problem.dtype) == case.precision
    assert all(np.all(np.isfinite(w)) for w in moved)
    assert any(np.any(w != before) for w, before in zip(moved, stepped.theta, strict=True))


def test_state_keeps_its_structure(stepped):
    assert jax.tree.map(np.shape, stepped.before) == jax.tree.map(np.shape, stepped.after)


def test_a_step_is_pure(stepped):
    """A second call gives the same, and nothing that was given has changed."""
    again, _ = _step(stepped.dynamics, stepped.case.problem, stepped.theta, _key(0))
    for one, other, given, copy in zip(stepped.moved, again, stepped.theta, stepped.untouched, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(given, copy)


def test_who_is_not_made_for_a_problem_says_so(unsuited):
    case, method = unsuited
    dynamics = method.make(case.problem.shapes, 0.02)
    with pytest.raises(eq.InputError) as caught:
        _step(dynamics, case.problem, case.start(0), _key(0))
    assert str(caught.value) == dynamics.refusal(case.problem)
    assert str(caught.value).startswith(f"{method.name.partition('-')[0]} ")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_noise_depends_on_the_key_and_keeps_shapes_and_precision(kind, law):
    shapes, noise = kind.problem.shapes, law(kind.problem.shapes, 0.1)
    first = noise.sample(_key(0), 0, shapes, kind.problem.dtype)
    again = noise.sample(_key(0), 0, shapes, kind.problem.dtype)
    other = noise.sample(_key(1), 0, shapes, kind.problem.dtype)
    assert tuple(z.shape for z in first) == shapes
    assert {str(z.dtype) for z in first} == {kind.precision}
    for one, same, fresh in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, same)
        assert np.all(one != fresh)


def test_second_moments_are_symmetric_matrices_of_the_rank(kind, law):
    moments = law(kind.problem.shapes, 0.1).second_moments(0, kind.problem.shapes, kind.problem.dtype)
    for moment, (_, rank) in zip(moments, kind.problem.shapes, strict=True):
        assert moment.shape == (rank, rank)
        assert str(moment.dtype) == kind.precision
        np.testing.assert_array_equal(moment, moment.T)
        assert np.all(np.diag(moment) > 0)


def test_loss_and_gradient_have_the_problems_precision(case):
    theta = case.start(0)
    loss, gradient = case.problem.loss(theta), case.problem.gradient(theta)
    assert loss.shape == ()
    assert str(loss.dtype) == case.precision
    assert tuple(g.shape for g in gradient) == case.problem.shapes
    assert {str(g.dtype) for g in gradient} == {case.precision}
