"""Lemma 7: noise restores the balance, in a time proportional to 1/(ησ²)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import SHAPE, ensemble, instance, perturbed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

BALANCE = 4.0
STEP_SIZES, QUICK_STEP_SIZES = np.array([1e-2, 5e-3, 2.5e-3]), np.array([1.25e-2, 1e-2, 6.25e-3])
VARIANCES = np.array([0.08, 0.04, 0.02])


def run(quick: bool, seed: int) -> Data:
    """From x = 2u*, y = v*/2, where xyᵀ = M, over 4/(ησ²) steps (quick: 1.6), for every step size and noise level."""
    point = (2 * np.eye(SHAPE[0], 1), 0.5 * np.eye(SHAPE[1], 1))
    rows = []
    sizes = QUICK_STEP_SIZES if quick else STEP_SIZES
    for i, size in enumerate(sizes):
        row = []
        for j, variance in enumerate(VARIANCES):
            every = round(0.04 / (size * variance))
            ran = ensemble(
                instance(1),
                perturbed(size, std_y=(variance / SHAPE[1]) ** 0.5),
                eq.initial.Given(point),
                steps=(40 if quick else 100) * every,
                replicates=10 if quick else 50,
                seed=further_seed(seed, Offset.LEMMA7, VARIANCES.size * i + j),
                every=every,
            )
            steps = ran["step"].values
            row.append(ran.assign_coords(step=("step", 0.04 * np.arange(steps.size))).rename(step="time"))
        rows.append(xr.concat(row, xr.DataArray(VARIANCES, dims="variance", name="variance"), combine_attrs="override"))
    grid = xr.concat(rows, xr.DataArray(sizes, dims="step_size", name="step_size"), combine_attrs="override")
    grid["time"].attrs.update(long_name="time", formula="ησ²t", units="1")
    return {"grid": grid}


def relaxation(grid: xr.Dataset) -> xr.DataArray:
    """The number of steps in which the mean of ‖x‖² − ‖y‖² falls by a factor e, from a line fit to its logarithm.

    The fit uses the steps up to ησ²t = 1.
    """
    difference = (grid["norm_x"] ** 2 - grid["norm_y"] ** 2).mean("replicate", skipna=False).sel(time=slice(0, 1))
    slope = xr.apply_ufunc(np.log, difference).polyfit("time", 1)["polyfit_coefficients"].sel(degree=1)
    return -1 / (slope * grid["step_size"] * grid["variance"])


def check(data: Data) -> list[Check]:
    """The time is ∝ 1/η and ∝ 1/σ², with the constant ½ of the smoothed flow; and the paths leave the start."""
    grid = data["grid"]
    steps, sizes = relaxation(grid), grid["step_size"].values
    by_size = [eq.analysis.power_law(sizes, steps.sel(variance=v)).exponent.estimate for v in VARIANCES]
    by_noise = [eq.analysis.power_law(VARIANCES, steps.sel(step_size=s)).exponent.estimate for s in sizes]
    constant = (steps * grid["step_size"] * grid["variance"]).mean()
    start = grid["balance"].isel(time=0)
    return [
        near("exponent of the time in η", np.mean(by_size), -1.0, 0.05),
        near("exponent of the time in σ²", np.mean(by_noise), -1.0, 0.05),
        near("time times ησ²", constant, 0.5, 0.025),
        at_least("smallest balance at the start", smallest(start), BALANCE - 1e-9),
        near("balance at the last time, mean", grid["balance"].isel(time=-1).mean(skipna=False), 1.0, 0.1),
    ]


def draw(data: Data) -> Figure:
    """The balance against ησ²t, where all runs fall on one line."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(5.2, 3.6))
    grid = data["grid"]
    groups = {
        f"η = {size:g}, σ² = {variance:g}": grid.sel(step_size=size, variance=variance)
        for size in grid["step_size"].values[[0, -1]]
        for variance in grid["variance"].values[[0, -1]]
    }
    eq.plots.draw_paths(axes[0, 0], groups, "balance", along="time", logarithmic="y", expected=1.0, band=None)
    return figure


def judge(data: Data) -> Judgement:
    """The time of balancing is of the printed order."""
    grid = data["grid"]
    constant = float((relaxation(grid) * grid["step_size"] * grid["variance"]).mean())
    return judged(
        at_most("time times ησ²", constant, 1.0),
        f"The imbalance falls by e in {constant:.2g}/(ησ²) steps.",
    )


CLAIM = Claim(
    id="lemma7",
    shares="theorem1",
    source="Lemma 7, Section 3 (Phase III)",
    statement="Once xyᵀ ≈ M the noise balances x and y, in a number of steps that grows as 1/(ησ²).",
    printed=Printed(
        "While ‖xyᵀ − M‖ ≤ ε, ‖x − u*‖ ≤ ε and ‖y − v*‖ ≤ ε with probability at least 1 − δ from "
        "τ₄ = O(η⁻¹σ⁻² log(1/η) log(1/δ)) to T₁ = O(1/η²).",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"Started on the valley at balance {BALANCE:g}. The time is that in which ‖x‖² − ‖y‖² falls by e; the "
    "smoothed flow gives exactly 1/(2ησ²).",
)
