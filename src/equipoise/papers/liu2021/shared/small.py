"""The small instance of the claims on Section 6, and its objective with a share of the bias that noise brings."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq

SHAPE = (4, 16)
"""(d1, d2), so uneven that √(d1/d2) = ½ is far from 1."""

SIGMA_SQUARED = 0.05
"""σ² = E‖ξ₁‖² = E‖ξ₂‖²."""

UNIT_X, UNIT_Y = (np.full((d, 1), d**-0.5) for d in SHAPE)
"""u* and v*, even over all entries, so that no entry of M weighs more than another."""

NOISE_STDS = (SIGMA_SQUARED**0.5 / SHAPE[0] ** 0.5, SIGMA_SQUARED**0.5 / SHAPE[1] ** 0.5)

OBSERVABLES = ("loss", "balance")


def instance(added: np.ndarray | float = 0.0) -> Any:
    """½‖xyᵀ − M‖² with M = u*v*ᵀ + `added`."""
    return eq.problems.factorization(UNIT_X @ UNIT_Y.T + added, rank=1)


def biased(problem: Any, share: float) -> Any:
    """F + share · (F̃ − F): F itself for 0, the smoothed objective for 1, and for −1 what takes the bias away.

    The gradient at θ + ξ of the last has the mean ∇F(θ), since its penalties are linear in θ + ξ.
    """
    smoothed = eq.theory.smoothed(problem, eq.noise.Gaussian(NOISE_STDS))
    penalties = tuple(share * np.asarray(penalty) for penalty in smoothed.penalties)
    return eq.problems.Penalized(problem, penalties, np.asarray(share * np.asarray(smoothed.constant)))


def perturbed(step_size: float, *, noisy: bool = True) -> Any:
    """Perturbed GD with balanced noise; without noise it is gradient descent in the same compiled program."""
    stds = NOISE_STDS if noisy else (0.0, 0.0)
    return eq.dynamics.PerturbedGD(step_size, eq.noise.Gaussian(stds))


def start(x: float, y: float) -> Any:
    """(x u*, y v*)."""
    return eq.initial.Given((x * UNIT_X, y * UNIT_Y))


def ensemble(problem: Any, method: Any, init: Any, *, steps: int, every: int, replicates: int, seed: int) -> xr.Dataset:
    """The data of an ensemble, with loss and balance; claims have times of their own."""
    record = eq.Record(every, OBSERVABLES)
    run = eq.simulate(
        problem, method, init, seed=seed, steps=steps, replicates=replicates, record=record, progress=False
    )
    return run.dataset.drop_vars("time", errors="ignore")


def difference(data: xr.Dataset) -> xr.DataArray:
    """D = ‖x‖² − ‖y‖², averaged over the replicates."""
    return (data["norm_x"] ** 2 - data["norm_y"] ** 2).mean("replicate", skipna=False)
