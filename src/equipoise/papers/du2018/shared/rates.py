"""Derivatives of observables along gradient flow, at random points, relative to those of the squared norms."""

from typing import Any

import equinox as eqx
import jax
import numpy as np

import equipoise as eq
from equipoise.papers.du2018.shared.flows import start

POINTS_AT = 8
"""The number of points."""


@eqx.filter_jit
def rates(problem: Any, theta: tuple[Any, ...], observables: tuple[Any, ...]) -> dict[str, Any]:
    """The derivative along the flow of each observable and of the squared norms, at θ with a leading axis of points."""

    def at(point: tuple[Any, ...]) -> dict[str, Any]:
        def measured(where: tuple[Any, ...]) -> dict[str, Any]:
            return {name: value for observable in observables for name, value in observable(problem, where).items()}

        return jax.jvp(measured, (point,), (tuple(-g for g in problem.gradient(point)),))[1]

    return jax.vmap(at)(theta)


def relative_rates(problem: Any, observable: Any, seed: int, std: float = 0.7) -> np.ndarray:
    """The largest |d/dt| of an observable's entries at each of some random points, relative to the squared norms'."""
    theta = start(problem, std, seed, POINTS_AT)
    with eq.numerics():
        found = rates(problem, theta, (observable, eq.observables.squared_norms))
    largest = {name: np.abs(np.asarray(value)).reshape(POINTS_AT, -1).max(axis=1) for name, value in found.items()}
    norms = largest.pop("squared_norms")
    return next(iter(largest.values())) / norms
