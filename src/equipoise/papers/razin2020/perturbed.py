"""Perturbed: with W₂₂ = ε known in the place of 0, the entry not seen ends at 1/ε, not at the least norm."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.machinery.check import Check, Data, at_least, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.razin2020.shared.flows import STEP, balanced, completed, followed
from equipoise.papers.razin2020.shared.seeds import Stream

ENTRIES, DEPTH, TIME = (0.4, 0.2, 0.1), 3, 900.0
LEAST = 0.9
"""|W₁₁| > W₁₂W₂₁/|W₂₂|; what misfit is left allows a little less than 1/ε."""


def run(quick: bool, seed: int) -> Data:
    """The flow at depth 3 for each ε, from starts of positive determinant, and the least nuclear norm for each."""
    start = balanced(generator(seed, Stream.PERTURBED), DEPTH, 1, 8 if quick else 100)
    found = [followed(completed(entry, DEPTH), start, TIME, STEP, seed).isel(time=-1) for entry in ENTRIES]
    size = {"long_name": "ε", "units": "[M]"}
    entry = xr.DataArray(list(ENTRIES), dims="entry", name="entry", attrs=size)
    least: dict[str, Any] = {"long_name": "least nuclear norm", "units": "[M]"}
    proofs = [_least(value) for value in ENTRIES]
    ends = xr.concat(found, entry, combine_attrs="override").drop_vars("time")
    return {"ends": ends, "minimum": xr.Dataset({"nuclear_norm": ("entry", proofs, least)}, {"entry": entry})}


def _least(entry: float) -> float:
    """The certified least nuclear norm with the three entries."""
    places = (np.array([0, 1, 1]), np.array([1, 0, 1]), (2, 2))
    return eq.certified.minimum_nuclear_norm(places, np.array([1.0, 1.0, entry]), psd=False).upper


FITTED = 1e-4
"""A loss up to which an end counts as a completion."""


def over(data: Data) -> xr.DataArray:
    """ε W₁₁, which is 1 for the completion of rank one."""
    ends = data["ends"]
    return ends["entry"] * ends["product"].isel(row=0, column=0)


def check(data: Data) -> list[Check]:
    """W₁₁ ends at 1/ε where the entries are fitted, and beyond it where W₂₂ is caught below 0."""
    ends = data["ends"]
    fitted, caught = ends["loss"] < FITTED, ends["product"].isel(row=1, column=1) < 0
    norms = ends["singular_values"].sum("singular_value")
    return [
        at_least("share of starts that fit the entries", fitted.mean(), 0.1),
        near("share that fits, or is caught at W₂₂ < 0", (fitted ^ caught).mean(), 1.0, 0.0),
        at_least("least ε |W₁₁| at the end", smallest(abs(over(data))), LEAST),
        *(near(f"ε = {entry:g}: median ε W₁₁ where it fits", _median(data, entry), 1.0, 0.05) for entry in ENTRIES),
        at_least(
            "ε = 0.1: least nuclear norm at the end over the least of all",
            smallest(norms.sel(entry=0.1)) / float(data["minimum"]["nuclear_norm"].sel(entry=0.1)),
            3.0,
        ),
    ]


def _median(data: Data, entry: float) -> float:
    """The median of ε W₁₁ over the starts that fit; NaN if there are none."""
    ends = data["ends"].sel(entry=entry)
    return float(over(data).sel(entry=entry).where(ends["loss"] < FITTED).median())


def judge(data: Data) -> Judgement:
    """Whether W₁₁ grows as 1/ε."""
    least = smallest(abs(over(data)))
    return judged(
        at_least("least ε |W₁₁| at the end", least, LEAST),
        f"At the end ε |W₁₁| is at least {least:.3g}, for every ε down to {min(ENTRIES):g}.",
    )


def draw(data: Data) -> Figure:
    """W₁₁ at the end against ε, beside 1/ε."""
    figure, axes = eq.plots.new_figure(panel=(4.0, 3.2))
    panel, ends = axes[0, 0], data["ends"]
    for number, entry in enumerate(ENTRIES):
        values = ends["product"].isel(row=0, column=0).sel(entry=entry)
        panel.plot(np.full(values.size, entry), abs(values), "o", mfc="none", color=eq.plots.PALETTE[number])
    grid = np.geomspace(0.08, 0.5, 50)
    panel.plot(grid, 1 / grid, "k--", label="1/ε, rank one")
    panel.plot(grid, 0 * grid + 1, ":", color="0.4", label="1")
    panel.set(xscale="log", yscale="log", xlabel="ε, the known W₂₂", ylabel="|W₁₁|, the entry not seen")
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="perturbed",
    source="The 2 x 2 problem with other entries, of which the authors' code has data",
    statement="With W₂₂ = ε in the place of 0, and det W > 0 at the start, gradient flow that fits the entries ends "
    "at W₁₁ = 1/ε, the completion of rank one, although others have a nuclear norm several times smaller. Where "
    "W₂₂ comes to 0 from below it is caught: the entry is never fitted, and W₁₁ goes to −∞.",
    printed=Printed(
        "The finding does not hang on the entry being 0: if the entries are perturbed, the one not seen is still "
        "driven to a size that grows as the perturbation shrinks.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"Depth {DEPTH}, ε = 0.4, 0.2 and 0.1, time {TIME:g}; balanced starts with ‖W‖_F = 0.1, 8 (full: 100). "
    "That it ends at rank one rather than above, and what happens where W₂₂ < 0, is measured and not printed.",
    shares="norms",
)
