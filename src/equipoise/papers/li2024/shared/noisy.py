"""Factors of a matrix of rank one whose entries are seen with fresh noise at each step, as in the paper's Figure 1."""

from typing import Any

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

import equipoise as eq

STEP_SIZE, RADIUS = 0.002, 0.1


def noisy_run(
    shape: tuple[int, int], inner: Any, std: float, balance: float, *, steps: int, replicates: int, seed: int
) -> xr.Dataset:
    """‖x‖ and ‖y‖ along a run of `inner` on E‖xyᵀ − (A + std N)‖²/2, ‖A‖ = 1, from a minimum with this balance."""
    problem = eq.problems.planted(shape, 1, values=(1.0,), seed=0)
    start = tuple(np.asarray(w) for w in eq.problems.signal_of(problem).factors(balance))
    found = eq.simulate(
        problem,
        eq.dynamics.LabelNoise(inner, std),
        eq.initial.Given(start),
        seed=seed,
        replicates=replicates,
        steps=steps,
        record=eq.Record(steps // 20, ("balance",)),
        progress=False,
    )
    return found.dataset[["balance", "norm_x", "norm_y"]]


def sharpness_aware(radius: float = RADIUS) -> eq.dynamics.SharpnessAware:
    """Gradient descent with gradients taken uphill."""
    return eq.dynamics.SharpnessAware(eq.dynamics.GradientDescent(STEP_SIZE), radius)


def difference(found: xr.Dataset) -> xr.DataArray:
    """The mean of ‖x‖² − ‖y‖² over the replicates, over that at the start."""
    squares = (found["norm_x"] ** 2 - found["norm_y"] ** 2).mean("replicate", skipna=False)
    over: xr.DataArray = squares / squares.isel(step=0)
    return over.assign_attrs(long_name="‖x‖² − ‖y‖² over that at the start", units="1")


def predicted(size: int, std: float, balance: float, steps: np.ndarray) -> np.ndarray:
    """D = ‖x‖² − ‖y‖² over that at the start, for a square matrix, where the noise makes up the gradients.

    With gradients −Ny and −Nᵀx, dD/dt = −(2ρs√d/√S + 2ρ² + ηs²d) D per unit of ηt, with S = ‖x‖² + ‖y‖² = √(D² + 4).
    The three terms are the ascent to first and to second order in ρ, and the noise by itself.
    """
    start = balance - 1 / balance

    def slope(_: float, at: np.ndarray) -> np.ndarray:
        total = np.sqrt(at**2 + 4)
        return -STEP_SIZE * (2 * RADIUS * std * (size / total) ** 0.5 + 2 * RADIUS**2 + STEP_SIZE * std**2 * size) * at

    found = solve_ivp(slope, (0, float(steps[-1])), [start], t_eval=steps, rtol=1e-8)
    return np.asarray(found.y[0] / start)
