"""Code shared by the claims on matrix factorization: instances, gradient descent, and long runs with few recordings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq

SHAPE = (30, 20)
DIMENSION = max(SHAPE)
REPLICATES = 5

OBSERVABLES = ("loss", "balance", "matrix_gap", "projections")
"""Recorded everywhere, needed or not: claims with the same recording share one compiled loop."""


def instance(rank: int, seed: int, shape: tuple[int, int] = SHAPE, smallest: float = 0.5) -> Any:
    """M with singular values from 1 down to `smallest`, evenly spaced, along random directions; (1,) at rank 1."""
    return eq.problems.planted(shape, rank, values=np.linspace(1.0, smallest, rank), seed=seed)


def norm_of(problem: Any) -> float:
    """‖M‖_F."""
    return float(np.linalg.norm(problem.signal.values))


def descent(step_size: float, exponent: float = 0.0) -> Any:
    """Gradient descent with η_t = step_size · (t + 1)^−exponent, constant by default; one compiled loop serves all."""
    return eq.dynamics.GradientDescent(eq.dynamics.PowerDecay(step_size, exponent))


def gaussian(std: float) -> Any:
    """Entries from N(0, std²), with one std per factor, so that one compiled start serves equal and uneven ones."""
    return eq.initial.Gaussian((std, std))


def ensemble(
    problem: Any,
    method: Any,
    start: Any,
    phases: Sequence[tuple[int, int]],
    *,
    seed: int,
    replicates: int = REPLICATES,
) -> xr.Dataset:
    """A recorded ensemble over phases of (steps, every): often at first, rarely later; with the variable `error`.

    `error` is ‖UVᵀ − M‖_F/‖M‖_F. The length of each phase is a multiple of its interval.
    """
    steps = [0]
    for length, every in phases:
        steps += [*range(steps[-1] + every, steps[-1] + length + 1, every)]
    joined = eq.simulate(
        problem,
        method,
        start,
        seed=seed,
        steps=steps[-1],
        replicates=replicates,
        record=eq.Record(at=steps, observables=OBSERVABLES),
        progress=False,
    ).dataset.drop_vars(["status", "end_step"])
    joined["step"].attrs.update(long_name="step t", units="1")
    joined["error"] = (2 * joined["loss"]) ** 0.5 / norm_of(problem)
    joined["error"].attrs.update(long_name="relative error", formula="‖UVᵀ − M‖/‖M‖", units="1")
    return joined


def spread(steps: np.ndarray, count: int = 120) -> np.ndarray:
    """The places among the recorded steps of `count` steps spaced evenly by logarithm; repeated where steps are few."""
    wanted = np.concatenate([steps[:1], np.geomspace(1, steps[-1], count - 1)])
    return np.minimum(np.searchsorted(steps, wanted - 0.5), steps.size - 1)


def thinned(path: xr.Dataset, count: int = 120) -> xr.Dataset:
    """At most `count` of the recorded steps, spaced evenly by logarithm, including the first and the last."""
    return path.isel(step=np.unique(spread(path["step"].values, count)))
