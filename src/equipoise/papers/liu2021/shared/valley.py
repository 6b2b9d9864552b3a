"""The valley of Figures 4 and 5: the methods and the start of its paths, and the values recorded along them."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq

STEP_SIZE, STD = 0.01, 0.05

HALVED = STEP_SIZE / 2
"""The step size on (1 − xy)² that gives the update of the paper's Section 2 with η = 0.01.

That update has no factor 2, x ← x − η(xy − 1)y, and the gradient of (1 − xy)² has it.
"""


def perturbed() -> Any:
    """Perturbed GD as in Section 2."""
    return eq.dynamics.PerturbedGD(HALVED, eq.noise.Gaussian(STD))


def descent(step_size: float = HALVED) -> Any:
    """Gradient descent, by default as in Section 2."""
    return eq.dynamics.GradientDescent(step_size)


def start() -> Any:
    """(x₀, y₀) = (3, 5)."""
    return eq.initial.Given((np.array([[3.0]]), np.array([[5.0]])))


def position(problem: object, theta: tuple) -> dict:
    """The point (x, y) itself."""
    return {"x": theta[0][0, 0], "y": theta[1][0, 0]}


WATCHED = ("loss", "balance", position)
"""Recorded by both figures, so that one program serves both."""


def early_and_late(whole: xr.Dataset, early: int, every: int) -> tuple[xr.Dataset, xr.Dataset]:
    """One run as two: each of its first `early` steps, and every `every`-th step of all."""
    return whole.sel(step=slice(0, early)), whole.isel(step=np.flatnonzero(whole["step"].values % every == 0))
