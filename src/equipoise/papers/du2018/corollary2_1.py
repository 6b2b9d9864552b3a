"""Corollary 2.1: gradient flow keeps the differences of the layers' squared norms, so a small start ends balanced."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.du2018.shared.flows import SLOPES, allowed, drift, flow, instance, mixture, moved, start
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

STD, TIME = (0.02, 0.05, 0.15), 15.0
"""The standard deviations of the start of size 1, and its flow time; larger starts leave the saddle sooner.

The time is ∝ 1/size.
"""

SIZES, FULL_SIZES = (1.0, 3.0), (0.5, 1.0, 2.0, 3.0, 4.0)
ACTIVATIONS = ("linear", "ReLU")

SIMILAR = 0.25
"""Squared norms within 25 % of each other are read as "similar magnitudes"."""


def run(quick: bool, seed: int) -> Data:
    """Flows from unequal starts of two sizes, or of five."""
    rows = []
    for name in ACTIVATIONS if quick else SLOPES:
        problem = instance([mixture(name)] * 2, seed)
        rows.append([_path(problem, size, seed, quick) for size in (SIZES if quick else FULL_SIZES)])
    names = xr.DataArray(list(ACTIVATIONS if quick else SLOPES), dims="activation", name="activation")
    return {"paths": xr.concat([xr.concat(row, "size") for row in rows], names, combine_attrs="drop")}


def _path(problem: Any, size: float, seed: int, quick: bool) -> xr.Dataset:
    """One ensemble; its time axis is the share of its own flow time."""
    theta = start(problem, size * np.array(STD), seed)
    dataset = flow(problem, theta, TIME / size, quick).dataset
    share = xr.DataArray(np.linspace(0, 1, dataset.sizes["time"]), dims="time", attrs={"long_name": "time"})
    return dataset.assign_coords(time=share, size=size)


def imbalance(paths: xr.Dataset) -> xr.DataArray:
    """The largest ratio of consecutive squared norms, larger over smaller: 1 is balanced."""
    ratios = paths["norm_ratios"]
    return xr.where(ratios < 1, 1 / ratios, ratios).max("pair", skipna=False)


def check(data: Data) -> list[Check]:
    """The differences stay and the norms grow, so the ratios approach 1; the smaller the start, the closer."""
    paths = data["paths"]
    factor = imbalance(paths)
    first = factor.isel(time=0).median(skipna=False)
    last = factor.isel(time=-1).median(("activation", "replicate"), skipna=False)
    small, large = (last.sel(size=size) - 1 for size in SIZES)
    drifts = drift(paths, "norm_differences")
    return [
        at_most("largest drift of a difference, relative to what the norms moved", largest(drifts), allowed(paths)),
        at_least("median change of the layers' squared norms", moved(paths).median(skipna=False), 0.2),
        at_least("median ratio of squared norms at the start, larger over smaller", first, 1.5),
        at_most("median of that ratio at the end, less 1, start of size 3", large, 1.4),
        at_most("median of that ratio at the end, less 1, start of size 1", small, SIMILAR),
        at_most("the second over the first", small / large, 0.35),
    ]


def judge(data: Data) -> Judgement:
    """The differences stay, and from a small start the magnitudes become similar."""
    paths = data["paths"]
    off = largest(drift(paths, "norm_differences"))
    small = imbalance(paths).isel(time=-1).sel(size=SIZES[0])
    apart = float(small.median(("activation", "replicate"), skipna=False)) - 1
    return jointly(
        judged(
            at_most("largest drift of a difference, relative to what the norms moved", off, allowed(paths)),
            f"The differences drift by at most {off:.1g} of what the norms move, and the solver's tolerance explains "
            f"{allowed(paths):.1g}.",
        ),
        judged(
            at_most("median ratio of squared norms at the end, less 1, start of size 1", apart, SIMILAR),
            f"From the small start the squared norms end within a factor of {1 + apart:.2f}, read as similar up to "
            f"{1 + SIMILAR:g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """One path of a ReLU network for two sizes: squared norms, their differences, and their ratios."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.3, 2.9))
    paths = data["paths"].sel(activation="ReLU").isel(replicate=0)
    small = paths.sel(size=1.0)
    for layer in range(small.sizes["layer"]):
        axes[0, 0].plot(small["time"], small["squared_norms"].isel(layer=layer), label=f"‖W{'₁₂₃'[layer]}‖²")
    for pair in range(small.sizes["pair"]):
        name = f"‖W{'₁₂'[pair]}‖² − ‖W{'₂₃'[pair]}‖²"
        axes[0, 0].plot(small["time"], small["norm_differences"].isel(pair=pair), linestyle=(0, (4, 2)), label=name)
    axes[0, 0].legend(loc="upper left", fontsize=7)
    for side, size in zip(axes[0, 1:], SIZES, strict=True):
        ratios = paths.sel(size=size)["norm_ratios"]
        for pair in range(ratios.sizes["pair"]):
            name = f"‖W{'₁₂'[pair]}‖²/‖W{'₂₃'[pair]}‖²"
            side.plot(paths["time"], ratios.isel(pair=pair), color=eq.plots.PALETTE[3 + pair], label=name)
        side.axhline(1, color="black", linewidth=0.8)
        side.set_ylim(bottom=0)
        eq.plots.label_axes(side, f"flow time/{TIME / size:g}", "ratio")
    eq.plots.add_legend(axes[0, 1])
    eq.plots.label_axes(axes[0, 0], f"flow time/{TIME:g}", "squared norms and differences")
    eq.plots.label_panels(axes.flat, ["Start of size 1", "Start of size 1", "Start of size 3"])
    return figure


CLAIM = Claim(
    id="corollary2.1",
    shares="theorem2.1",
    source="Corollary 2.1, Section 2.1",
    statement="Gradient flow keeps ‖W_h‖²_F − ‖W_{h+1}‖²_F; so from a small start, however unequal its layers, the "
    "squared norms come near each other, the nearer, the smaller the start.",
    printed=Printed(
        "Gradient flow keeps ‖W_h‖²_F − ‖W_{h+1}‖²_F; a small start makes this difference very small for all time, "
        "which is why trained layers have similar magnitudes.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="4 → 8 → 6 → 2, 30 Gaussian points, a ReLU teacher, quadratic loss; standard deviations 0.02, 0.05 and "
    "0.15 of the layers' starts (size 1) and 3 times these, flow time 15/size, 8 starts each. The differences of a "
    "start 3 times as large are 9 times as large, and so, nearly, is the ratio less 1.",
)
