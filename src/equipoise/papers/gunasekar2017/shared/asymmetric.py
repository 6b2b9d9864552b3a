"""Gradient flow on X = UVᵀ at full width: what the claims on the lift and on multi-task measurements run."""

from typing import Any

import numpy as np

import equipoise as eq
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path

ROWS, COLUMNS = 8, 6
WIDTH = ROWS + COLUMNS
"""With this many columns (U; V) is square, and its product has full rank."""

NORMS = np.array([1.0, 1e-2, 1e-5])
"""The norms of the starts, one replicate each."""


def starts(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(U₀, V₀) of each norm, along one random direction."""
    whole = random.standard_normal((WIDTH, WIDTH))
    whole = NORMS[:, None, None] * whole / np.linalg.norm(whole)
    return whole[:, :ROWS], whole[:, ROWS:]


def flowed(
    matrices: np.ndarray, data: np.ndarray, start: tuple[np.ndarray, np.ndarray], time: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(U, V) after this time of gradient flow on ‖A(UVᵀ) − y‖²/4, the paper's Eq. (3) for the lift, from each start."""
    problem = eq.problems.sensing(matrices, data, parametrization="asymmetric", width=WIDTH, scale=FLOW_SCALE)
    intervals = 20
    flow: Any = eq.dynamics.GradientFlow(time / intervals, 1e-9, 1e-14)
    init, count = eq.initial.Given(start), len(start[0])
    observables = ("relative_error",)
    ran = path(
        problem, flow, init, steps=intervals, every=intervals, seed=seed, replicates=count, observables=observables
    )
    u, v = ran.theta
    return u, v


def lifted(matrices: np.ndarray) -> np.ndarray:
    """The A_i on the off-diagonal blocks of symmetric matrices, so that A([[W, X], [Xᵀ, Z]]) is A(X)."""
    count = len(matrices)
    upper = np.concatenate([np.zeros((count, ROWS, ROWS)), matrices], axis=2)
    lower = np.concatenate([np.swapaxes(matrices, 1, 2), np.zeros((count, COLUMNS, COLUMNS))], axis=2)
    return np.concatenate([upper, lower], axis=1) / 2
