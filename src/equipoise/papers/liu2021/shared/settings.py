"""The instances and settings of Liu et al. (2021), Section 5, shared by its figures and claims."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq

SHAPE = (20, 30)
STD_Y = 0.05

SIGMA_SQUARED = SHAPE[1] * STD_Y**2
"""σ² = E‖ξ₁‖² = E‖ξ₂‖² of the balanced noise, with one column: 0.075."""

SEARCH_ITERATIONS = 300
"""The iterations of Levenberg-Marquardt; after 100, about one of 5000 searches has not converged."""

OBSERVABLES = ("loss", "balance", "projections")
"""Recorded at rank 1, needed or not: claims with the same recording share one compiled loop."""

FEW_OBSERVABLES = ("loss", "balance")
"""Recorded at higher rank, where no claim needs more."""


def order(step_size: float, variance: float = SIGMA_SQUARED) -> int:
    """log(1/η)/(ησ²), the number of steps t₁, τ₁, τ₂ and τ₄ of Theorem 1 and its lemmas, with open constants as 1."""
    return round(float(np.log(1 / step_size)) / (step_size * variance))


def horizon(step_size: float) -> int:
    """1/η², the number of steps T₁ of Theorem 1 and its lemmas, with its open constant as 1."""
    return round(step_size**-2)


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
    at: Sequence[int] = (),
    observables: Sequence[Any] | None = None,
) -> xr.Dataset:
    """The data of an ensemble, recorded every `every` steps and at the steps `at`; claims have times of their own."""
    if observables is None:
        observables = OBSERVABLES if problem.rank == 1 else FEW_OBSERVABLES
    record = eq.Record(every, observables, at=at)
    run = eq.simulate(
        problem, dynamics, init, seed=seed, steps=steps, replicates=replicates, record=record, progress=False
    )
    return run.dataset.drop_vars("time", errors="ignore")


def descend(problem: Any, start_std: float, *, steps: int, starts: int, seed: int) -> tuple[np.ndarray, ...]:
    """The end of gradient descent with step size 0.2 from each of `starts` Gaussian starts."""
    run = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(0.2),
        eq.initial.Gaussian(start_std),
        seed=seed,
        steps=steps,
        replicates=starts,
        record=eq.Record(every=250, observables=("loss",)),  # a longer interval would compile one more program
        progress=False,
    )
    return run.theta


def last(data: xr.Dataset) -> xr.Dataset:
    """The recorded values at the last step."""
    return data.isel(step=-1)
