"""One-dimensional regression by two factors, uwx ≈ y: the smallest problem with a symmetry and minibatches."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.ziyin2024.shared.seeds import Stream

POINTS, NOISE, STEP_SIZE, STEPS, EVERY = 50, 0.5, 0.03, 4000, 20
START = (2.0, 0.5)
"""(u, w) at the start, with u² − w² = 3.75."""


def regression(seed: int) -> eq.problems.Factored:
    """The mean of ½(uwxᵢ − yᵢ)² over points with yᵢ = xᵢ + N(0, ½²) and xᵢ uniform with variance 1."""
    random = generator(seed, Stream.POINTS)
    inputs = random.uniform(-(3**0.5), 3**0.5, POINTS)
    targets = inputs + NOISE * random.standard_normal(POINTS)
    return eq.problems.sensing(
        inputs[:, None, None], targets, parametrization="asymmetric", width=1, scale=0.5 / POINTS
    )


def squared_slope(problem: Any, theta: Any) -> Any:
    """Mean over the points of (∂ℓᵢ/∂(uw))²"""
    inputs = jnp.asarray(problem.measurement.operator.matrices)[:, 0, 0]
    misfit = theta[0][0, 0] * theta[1][0, 0] * inputs - jnp.asarray(problem.measurement.data)
    return jnp.mean((misfit * inputs) ** 2)


def regressed(method: Any, replicates: int, seed: int, own: int) -> xr.Dataset:
    """u² − w² over that at the start, and the mean squared slope of a point, along an ensemble."""
    record = eq.Record(EVERY, ("balance", squared_slope))
    start = eq.initial.Given(tuple(np.full((1, 1), value) for value in START))
    options: dict[str, Any] = {"replicates": replicates, "steps": STEPS, "record": record, "progress": False}
    found = eq.simulate(regression(seed), method, start, seed=own, **options).dataset
    difference = (found["norm_x"] ** 2 - found["norm_y"] ** 2) / (START[0] ** 2 - START[1] ** 2)
    slope = found["squared_slope"]
    return xr.Dataset(
        {
            "difference": difference.assign_attrs(long_name="u² − w² over that at the start", units="1"),
            "slope": slope.assign_attrs(long_name="mean squared slope of a point", units="1"),
        }
    ).drop_vars("status", errors="ignore")
