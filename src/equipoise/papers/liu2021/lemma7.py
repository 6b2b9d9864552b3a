"""Lemma 7: noise restores the balance, in a time proportional to 1/(ησ²)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.every_step import distances, largest_between
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import SHAPE, ensemble, horizon, instance, order, perturbed
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

BALANCES = np.array([1 / 16, 1 / 12, 1 / 8, 1 / 4, 1 / 2, 2, 4, 8, 12, 16])
STEP_SIZES, QUICK_STEP_SIZES = np.array([1e-2, 5e-3, 2.5e-3]), np.array([2e-2, 1.25e-2, 1e-2])
VARIANCES = np.array([0.08, 0.04, 0.02])
STEP_SIZE, VARIANCE, EVERY = 1.25e-2, 0.08, 100
"""Of the run of which every step is recorded."""


def starts(replicates: int) -> Any:
    """Points of the valley, where xyᵀ = M, of each balance in turn."""
    root = np.sqrt(np.resize(BALANCES, replicates))[:, None, None]
    return eq.initial.Given((root * np.eye(SHAPE[0], 1), np.eye(SHAPE[1], 1) / root))


def run(quick: bool, seed: int) -> Data:
    """From the valley, for every step size and noise level, 4/(ησ²) steps (quick: 1.2); and one run up to 1/η²."""
    rows = []
    sizes = QUICK_STEP_SIZES if quick else STEP_SIZES
    replicates = 10 if quick else 50
    for i, size in enumerate(sizes):
        row = []
        for j, variance in enumerate(VARIANCES):
            every = round(0.04 / (size * variance))
            ran = ensemble(
                instance(1),
                _noisy(size, variance),
                starts(replicates),
                steps=(30 if quick else 100) * every,
                replicates=replicates,
                seed=further_seed(seed, Offset.LEMMA7, VARIANCES.size * i + j),
                every=every,
            )
            steps = ran["step"].values
            row.append(ran.assign_coords(step=("step", 0.04 * np.arange(steps.size))).rename(step="time"))
        rows.append(xr.concat(row, xr.DataArray(VARIANCES, dims="variance", name="variance"), combine_attrs="override"))
    grid = xr.concat(rows, xr.DataArray(sizes, dims="step_size", name="step_size"), combine_attrs="override")
    grid["time"].attrs.update(long_name="time", formula="ησ²t", units="1")
    start = ("replicate", np.resize(BALANCES, replicates))
    own = further_seed(seed, Offset.LEMMA7, 9)
    return {"grid": grid.assign_coords(start=start), "whole": _whole(replicates, own).assign_coords(start=start)}


def _noisy(size: float, variance: float) -> Any:
    """Perturbed GD with balanced noise of this σ²."""
    return perturbed(float(size), std_y=float(variance / SHAPE[1]) ** 0.5)


def _whole(replicates: int, seed: int) -> xr.Dataset:
    """The largest residual and the largest distance to ±(u*, v*) of each 100 steps, until 1/η²."""
    noisy, steps = _noisy(STEP_SIZE, VARIANCE), horizon(STEP_SIZE)
    whole = ensemble(instance(1), noisy, starts(replicates), steps=steps, replicates=replicates, seed=seed, every=1)
    residual = ((2 * whole["loss"]) ** 0.5).assign_attrs(long_name="residual", formula="‖xyᵀ − M‖", units="1")
    most = {"residual": residual, "distance": distances(whole)}
    return xr.Dataset({name: largest_between(path, EVERY).assign_attrs(path.attrs) for name, path in most.items()})


def relaxation(grid: xr.Dataset) -> xr.DataArray:
    """The number of steps in which ‖x‖² − ‖y‖² falls by a factor e, for each start.

    From a line fit to the logarithm of its mean over the replicates of a start, at the steps up to ησ²t = 1.
    """
    difference = (grid["norm_x"] ** 2 - grid["norm_y"] ** 2).sel(time=slice(0, 1)).groupby("start").mean(skipna=False)
    towards = difference * np.sign(np.log(difference["start"]))
    slope = xr.apply_ufunc(np.log, towards).polyfit("time", 1)["polyfit_coefficients"].sel(degree=1)
    return -1 / (slope * grid["step_size"] * grid["variance"])


def check(data: Data) -> list[Check]:
    """The time is ∝ 1/η and ∝ 1/σ², with the constant ½ of the smoothed flow from every balance; all become even."""
    grid = data["grid"]
    every, sizes = relaxation(grid), grid["step_size"].values
    steps = every.mean("start", skipna=False)
    by_size = [eq.analysis.power_law(sizes, steps.sel(variance=v)).exponent.estimate for v in VARIANCES]
    by_noise = [eq.analysis.power_law(VARIANCES, steps.sel(step_size=s)).exponent.estimate for s in sizes]
    constants = (every * grid["step_size"] * grid["variance"]).mean(("step_size", "variance"), skipna=False)
    start, end = (grid["balance"].isel(time=i) for i in (0, -1))
    return [
        near("exponent of the time in η", np.mean(by_size), -1.0, 0.1),
        near("exponent of the time in σ²", np.mean(by_noise), -1.0, 0.05),
        near("time times ησ², mean over the starts", constants.mean(skipna=False), 0.5, 0.04),
        near("time times ησ², smallest over the starts", smallest(constants), 0.5, 0.06),
        near("time times ησ², largest over the starts", largest(constants), 0.5, 0.06),
        near("smallest balance at the start", smallest(start), 1 / 16, 1e-9),
        near("largest balance at the start", largest(start), 16.0, 1e-9),
        at_most(
            "largest unevenness at the last time, relative to the start",
            largest(_unevenness(end) / _unevenness(start)),
            0.5,
        ),
        at_most("distance to ±(u*, v*) from τ₄ to T₁ over the residual, largest", settled(data) / residual(data), 1.0),
    ]


def _unevenness(balance: xr.DataArray) -> xr.DataArray:
    """|log| of the balance, which is 0 for an even one."""
    return abs(xr.apply_ufunc(np.log, balance))


def residual(data: Data) -> float:
    """The largest residual of every step, which is the least ε for which the lemma's hypothesis holds."""
    return largest(data["whole"]["residual"])


def settled(data: Data) -> float:
    """The largest distance of every step from τ₄ = log(1/η)/(ησ²) to T₁ = 1/η²."""
    return largest(eq.analysis.since(data["whole"], order(STEP_SIZE, VARIANCE))["distance"])


def judge(data: Data) -> Judgement:
    """With the least ε of the hypothesis, x and y are within ε at every step from the printed time on."""
    grid, epsilon, away = data["grid"], residual(data), settled(data)
    constant = float((relaxation(grid) * grid["step_size"] * grid["variance"]).mean(skipna=False))
    return jointly(
        judged(
            at_most("distance to ±(u*, v*) from τ₄ to T₁ over the residual, largest", away / epsilon, 1.0),
            f"With ε = {epsilon:.2g}, the largest residual of every step, x and y are within {away:.2g} of ±(u*, v*) "
            f"at every step from τ₄ to T₁, and the imbalance falls by e in {constant:.2g}/(ησ²) steps.",
        ),
        judged(at_most("time times ησ²", constant, 1.0), f"The imbalance falls by e in {constant:.2g}/(ησ²) steps."),
    )


def draw(data: Data) -> Figure:
    """The balance against ησ²t from the extreme starts, where all step sizes and noise levels fall on one line."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(5.2, 3.6))
    grid = data["grid"]
    groups = {
        f"η = {size:g}, σ² = {variance:g}": grid["balance"].sel(step_size=size, variance=variance)
        for size in grid["step_size"].values[[0, -1]]
        for variance in grid["variance"].values[[0, -1]]
    }
    eq.plots.draw_paths(axes[0, 0], _from(groups, BALANCES[-1]), along="time", logarithmic="y", expected=1.0, band=None)
    for balance in (BALANCES[0], 1 / 4, 4.0):
        shown = _from(groups, balance)
        eq.plots.draw_paths(axes[0, 0], shown, along="time", logarithmic="y", band=None, legend=False)
    return figure


def _from(groups: dict[str, xr.DataArray], balance: float) -> dict[str, xr.DataArray]:
    """The replicates that started at this balance."""
    return {name: group.isel(replicate=np.flatnonzero(group["start"] == balance)) for name, group in groups.items()}


CLAIM = Claim(
    id="lemma7",
    shares="theorem1",
    source="Lemma 7, Section 3 (Phase III)",
    statement="Once xyᵀ ≈ M the noise balances x and y, from balances of 1/16 to 16 in the same number of steps, which "
    "grows as 1/(ησ²). Then x and y are near ±(u*, v*) at every step.",
    printed=Printed(
        "While ‖xyᵀ − M‖ ≤ ε, ‖x − u*‖ ≤ ε and ‖y − v*‖ ≤ ε with probability at least 1 − δ from "
        "τ₄ = O(η⁻¹σ⁻² log(1/η) log(1/δ)) to T₁ = O(1/η²).",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="Started on the valley at ten balances. The time is that in which ‖x‖² − ‖y‖² falls by e; the smoothed "
    f"flow gives exactly 1/(2ησ²). The judgement is on a run with η = {STEP_SIZE} and σ² = {VARIANCE}, with "
    "τ₄ = log(1/η)/(ησ²), T₁ = 1/η² and, as ε, the largest residual of every step.",
)
