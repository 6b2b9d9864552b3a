"""A function of each replicate gives the same at once, in turn and in parts; a CPU decomposes matrices in turn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from equipoise.simulation import replicates
from equipoise.simulation.batch import Batch
from equipoise.simulation.replicates import of_each


def _batch(count):
    w = jnp.asarray(np.random.default_rng(0).standard_normal((count, 4, 4)))
    zeros = jnp.zeros(count, int)
    return Batch((w,), None, jax.random.split(jax.random.key(0), count), zeros, zeros)


def _squares(at):
    return jnp.sum(at.theta[0] ** 2)


def _within(at):
    """A decomposition that stands in a program within a program within the program."""
    solved = jax.jit(lambda w: jax.lax.fori_loop(0, 2, lambda i, v: v + jnp.linalg.solve(w, v), w))(at.theta[0])
    return jnp.sum(solved)


def _singular_values(at):
    return jnp.sum(jnp.linalg.svd(at.theta[0], compute_uv=False))


def _is_in_turn(function, batch):
    """Whether the program has a loop over the replicates, around what the function computes."""
    program = jax.make_jaxpr(lambda now: of_each(function, now))(batch)
    return any(equation.primitive.name == "scan" for equation in program.jaxpr.eqns)


@pytest.mark.parametrize(("function", "in_turn"), [(_squares, False), (_singular_values, True), (_within, True)])
def test_what_is_computed_in_turn(double, function, in_turn):
    batch = _batch(6)
    assert _is_in_turn(function, batch) is in_turn
    alone = [function(jax.tree.map(lambda array, i=i: array[i], batch)) for i in range(6)]
    np.testing.assert_allclose(of_each(function, batch), np.array(alone), rtol=1e-12)


def test_large_arrays_are_made_for_some_replicates_at_a_time(double, monkeypatch):
    batch = _batch(7)
    whole = of_each(_squares, batch)
    monkeypatch.setattr(replicates, "_MOST_ENTRIES", 48)  # three replicates of 16 entries
    assert _is_in_turn(_squares, batch)
    np.testing.assert_allclose(of_each(_squares, batch), whole, rtol=1e-15)
