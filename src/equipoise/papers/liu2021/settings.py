"""The instances and settings of Liu et al. (2021), Section 5, that its figures and claims share."""

from collections.abc import Sequence
from typing import Any

import xarray as xr

import equipoise as eq

PAPER = "liu2021"
SHAPE = (20, 30)
STD_Y = 0.05
SEED = 2021
"""The seed unless another is asked for; what an entry runs adds a number of its own to it."""

SIGMA_SQUARED = SHAPE[1] * STD_Y**2
"""σ² = E‖ξ₁‖² = E‖ξ₂‖² of the balanced noise, with one column: 0.075."""

SEARCH_ITERATIONS = 300
"""Of Levenberg-Marquardt; after 100 one of some 5000 searches is not at its end."""

OBSERVABLES = ("loss", "balance", "projections", "distance")
"""Recorded everywhere, needed or not: entries that record the same share one compiled loop."""


def instance(rank: int) -> Any:
    """M = U*V*ᵀ with U* = (I_r, 0)ᵀ, V* = (I_r, 0)ᵀ, d1 = 20, d2 = 30; e₁e₁ᵀ at rank 1."""
    return eq.problems.planted(SHAPE, rank)


def perturbed(step_size: Any, gamma: float = 1.0, std_y: Any = STD_Y) -> Any:
    """Perturbed GD with γ-balanced Gaussian noise on that instance; `step_size` is one number, or (ηx, ηy)."""
    return eq.dynamics.PerturbedGD(_pair(step_size), eq.noise.balanced(gamma, std_y, SHAPE))


def descent(step_size: Any) -> Any:
    """Gradient descent; `step_size` is one number, or (ηx, ηy)."""
    return eq.dynamics.GradientDescent(_pair(step_size))


def _pair(step_size: Any) -> tuple[float, float]:
    """(ηx, ηy), so that one compiled loop serves equal and uneven steps."""
    return step_size if isinstance(step_size, tuple) else (step_size, step_size)


def ensemble(
    problem: Any,
    dynamics: Any,
    init: Any,
    *,
    steps: int,
    replicates: int,
    seed: int,
    every: int = 100,
    observables: Sequence[Any] = OBSERVABLES,
) -> xr.Dataset:
    """A recorded ensemble as data."""
    record = eq.Record(every=every, observables=observables)
    run = eq.simulate(
        problem, dynamics, init, seed=seed, steps=steps, replicates=replicates, record=record, progress=False
    )
    return run.dataset


def last(data: xr.Dataset) -> xr.Dataset:
    """What was recorded at the last step."""
    return data.isel(step=-1)
