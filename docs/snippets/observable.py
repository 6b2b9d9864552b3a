"""Observables of your own: a plain function, and one with labels and axes."""

import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.observables import Observable, Variable


def largest_entry(problem, theta):
    """The largest entry of the product in absolute value"""
    left, right = problem.product_factors(theta)
    return jnp.max(jnp.abs(left @ right.T))


def _columns(problem, theta):
    return {
        "column_balance": jnp.linalg.norm(theta[0], axis=0)
        / jnp.linalg.norm(theta[1], axis=0)
    }


column_balance = Observable(
    "column_balance",
    _columns,
    (
        Variable(
            "column_balance",
            "balance of each column",
            "‖xⱼ‖/‖yⱼ‖",
            unit="1",
            axes=("column",),
        ),
    ),
)

problem = eq.problems.planted((8, 8), rank=2, values=(2.0, 1.0))
run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(step_size=0.05),
    eq.initial.Gaussian(0.1),
    seed=0,
    steps=1000,
    replicates=3,
    record=eq.Record(
        every=100, observables=("loss", largest_entry, column_balance)
    ),
)
assert run.dataset["column_balance"].dims == ("replicate", "step", "column")
assert (
    run.dataset["largest_entry"].attrs["long_name"]
    == "The largest entry of the product in absolute value"
)
np.testing.assert_allclose(
    run.dataset["largest_entry"].isel(step=-1), 2, rtol=1e-3
)
