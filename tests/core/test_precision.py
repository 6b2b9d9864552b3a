"""Double precision where the package computes, and the user's mode before and after."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.core.precision import float64


@float64
def third(x):
    return jnp.asarray(x) / 3


@float64
def failing(x):
    raise RuntimeError


def test_inside_it_is_double_outside_as_before():
    assert third(np.float64(1.0)).dtype == np.float64
    assert third(np.float32(1.0)).dtype == np.float32
    assert jnp.asarray(np.float64(1.0)).dtype == np.float32


def test_an_error_leaves_the_mode_behind_too():
    with pytest.raises(RuntimeError):
        failing(1.0)
    assert not jax.config.jax_enable_x64
    with pytest.raises(ZeroDivisionError), eq.numerics():
        _ = 1 / 0
    assert not jax.config.jax_enable_x64


def test_inside_a_trace_the_mode_is_the_callers():
    assert jax.jit(third)(jnp.asarray(1.0)).dtype == np.float32
    with eq.numerics():
        assert jax.jit(third)(jnp.asarray(1.0)).dtype == np.float64


def test_numerics_nest():
    with eq.numerics():
        with eq.numerics():
            assert jax.config.jax_enable_x64
        assert jax.config.jax_enable_x64
    assert not jax.config.jax_enable_x64


def test_problems_answer_in_double_precision_wherever_they_are_asked(problem):
    theta = tuple(np.full(shape, 0.1) for shape in problem.shapes)
    assert problem.loss(theta).dtype == np.float64
    assert {g.dtype for g in problem.gradient(theta)} == {np.dtype(np.float64)}
    assert {v.dtype for v in eq.evaluate(problem, theta).values()} == {np.dtype(np.float64)}
    assert problem.curvature(theta).trace.dtype == np.float64
    assert eq.observables.dense_hessian(problem, theta).dtype == np.float64
    with eq.numerics():
        wanted = problem.loss(theta)
    assert float(problem.loss(theta)) == float(wanted)


def test_a_function_keeps_its_name_and_docstring(problem):
    assert third.__name__ == "third"
    assert type(problem).loss.__doc__ == "The objective at θ."


@pytest.mark.parametrize("wrap", [jax.jit, lambda loss: jax.jit(lambda theta: loss(theta)), jax.grad, jax.vmap])
def test_a_trace_that_would_round_to_single_precision_is_refused(problem, wrap):
    theta = tuple(np.full(shape, 0.1) for shape in problem.shapes)
    given = tuple(w[None] for w in theta) if wrap is jax.vmap else theta
    with pytest.raises(eq.InputError, match="in float64, but JAX traces it in float32"):
        wrap(problem.loss)(given)
    with eq.numerics():
        found = wrap(problem.loss)(given)
    assert {leaf.dtype for leaf in jax.tree.leaves(found)} == {np.dtype(np.float64)}


def test_a_problem_in_single_precision_is_traced_anywhere():
    single = eq.problems.planted((4, 3), 1, dtype=np.float32)
    theta = tuple(np.full(shape, 0.1, np.float32) for shape in single.shapes)
    np.testing.assert_allclose(jax.jit(single.loss)(theta), single.loss(theta), rtol=1e-6)


def test_methods_of_all_parts_can_be_compiled(problem):
    with eq.numerics():
        theta = tuple(np.full(shape, 0.1) for shape in problem.shapes)
        method, noise = eq.dynamics.GradientDescent(0.1), eq.noise.Gaussian(0.1)
        key = jax.random.key(0)
        moved = jax.jit(lambda theta: method.step(problem, theta, None, key, 0)[0])(theta)
        np.testing.assert_allclose(jax.jit(problem.gradient)(theta)[0], (theta[0] - moved[0]) / 0.1, rtol=1e-12)
        assert hash(noise) == hash(eq.noise.Gaussian(0.2))
        assert noise != eq.noise.Gaussian(0.2)
        assert hash(eq.initial.Gaussian(0.1)) != hash(eq.initial.Saddle())


def test_methods_of_traced_parts_are_taken_as_new(problem):
    """Traced numbers cannot be compared, as JAX would do with two parts of one hash."""

    def twice(part):
        theta = tuple(jnp.zeros(shape) for shape in part.shapes)
        shapes = [jax.eval_shape(part.product_factors, theta)[0].shape for _ in range(2)]
        return jnp.asarray(len(set(shapes)))

    other = eq.problems.factorization(np.ones((4, 3)), rank=2)
    with eq.numerics():
        assert [int(eqx.filter_jit(lambda part: twice(part))(part)) for part in (problem, other)] == [1, 1]
