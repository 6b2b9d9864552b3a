"""Gradient descent from near an unbalanced minimum, with step sizes of 1/L to 4.5/L: the runs of two claims."""

import functools

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.wang2022.shared.seeds import Stream

SIZE, UNBALANCE, OFF, SHARPEST = 6, 6.0, 0.01, 36.0
"""x and y have 6 entries; the minimum has x = 6 u, y = v/6; entries off by N(0, 0.01²); then scaled to L = 36."""

RATIOS = (1.0, 1.9, 2.1, 2.5, 3.0, 3.5, 3.9, 4.1, 4.5)
"""ηL, with L the largest eigenvalue of the Hessian at the start."""

STEPS, STARTS, FULL_STARTS = 30_000, 12, 100
CONVERGED = 1e-6
"""The largest ‖xyᵀ − M‖ that counts as a minimum; ‖M‖ = 1."""


def setting() -> tuple[eq.problems.Factored, np.ndarray, np.ndarray]:
    """½‖xyᵀ − uvᵀ‖² with unit vectors u and v."""
    problem = eq.problems.planted((SIZE, SIZE), 1, values=(1.0,), seed=0)
    signal = eq.problems.signal_of(problem)
    return problem, np.asarray(signal.left), np.asarray(signal.right)


@functools.cache
def sweep(quick: bool, seed: int) -> xr.Dataset:
    """Where each start ends with each step size: misfit, ‖x‖ and ‖y‖; NaN if it diverges."""
    problem, u, v = setting()
    starts = _starts(problem, u, v, STARTS if quick else FULL_STARTS, seed)
    init = eq.initial.Given(tuple(np.stack(part) for part in zip(*starts, strict=True)))
    rows = []
    for ratio in RATIOS:
        run = eq.simulate(
            problem,
            eq.dynamics.GradientDescent(ratio / SHARPEST),
            init,
            seed=seed,
            replicates=len(starts),
            steps=STEPS,
            record=eq.Record(STEPS, ("loss", "balance")),
            progress=False,
        )
        rows.append(run.dataset[["loss", "norm_x", "norm_y"]].isel(step=-1, drop=True).drop_attrs(deep=False))
    about = {"long_name": "step size times the sharpness of the start, ηL", "units": "1"}
    return xr.concat(rows, xr.Variable("ratio", list(RATIOS), about))


def _starts(
    problem: eq.problems.Factored, u: np.ndarray, v: np.ndarray, count: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Points near the minimum (6u, v/6), each scaled so that L is the same for all."""
    random, starts = generator(seed, Stream.STARTS), []
    for _ in range(count):
        theta = UNBALANCE * u, v / UNBALANCE
        x, y = (w + OFF * random.standard_normal(w.shape) for w in theta)
        for _ in range(4):
            sharpness = np.linalg.eigvalsh(np.asarray(eq.observables.dense_hessian(problem, (x, y))))[-1]
            x, y = ((SHARPEST / sharpness) ** 0.5 * w for w in (x, y))
        starts.append((x, y))
    return starts


def converged(data: xr.Dataset) -> xr.DataArray:
    """The share of the starts that end at a minimum, for each step size."""
    found: xr.DataArray = (data["loss"] < CONVERGED**2 / 2).mean("replicate")
    return found
