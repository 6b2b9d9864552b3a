"""Edge: the sharpness rises until it is 2/η, and stays there."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.cohen2021.shared.chebyshev import SETTING, settled, trained
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

STEP_SIZES, SHORT, STEPS, LOOKS = (0.2, 0.15, 0.1), 0.05, 10_000, 50
NEAR, BELOW = 0.03, 0.9
"""How far the mean of ηλ/2 may be from 1 at the end; and where the rise towards the edge is read off."""


def run(quick: bool, seed: int) -> Data:
    """Gradient descent with three step sizes from the same starts, and with one too short to get to the edge."""
    count = 4 if quick else 20
    names = ("loss", "sharpness")
    runs = [
        trained(
            eq.dynamics.GradientDescent(size),
            seed,
            steps=STEPS,
            every=STEPS // LOOKS,
            count=count,
            names=names,
        )
        for size in (*STEP_SIZES, SHORT)
    ]
    sizes = xr.DataArray([*STEP_SIZES, SHORT], dims="step_size", name="step_size")
    return {"paths": xr.concat(runs, sizes, combine_attrs="override")}


def scaled(data: Data) -> xr.DataArray:
    """ηλ/2."""
    return data["paths"]["step_size"] * data["paths"]["sharpness"] / 2


def rising(data: Data) -> float:
    """The share of looks before ηλ/2 first reaches 0.9 at which the sharpness has risen since the look before."""
    values = scaled(data).transpose("step_size", "replicate", "step").values
    before = np.logical_and.accumulate(values < BELOW, axis=-1)[..., 1:]
    return float((np.diff(values, axis=-1) > 0)[before].mean())


def check(data: Data) -> list[Check]:
    """It rises at first, ends at 2/η whatever η is, and goes on far beyond if the steps are short."""
    end, paths = settled(scaled(data)).median("replicate", skipna=False), data["paths"]
    shorter = settled(paths["sharpness"]).sel(step_size=SHORT)
    return [
        *(near(f"η = {size:g}: ηλ/2 at the end", end.sel(step_size=size), 1.0, NEAR) for size in STEP_SIZES),
        at_most("median ηλ/2 at the start, η = 0.2", scaled(data)[0].isel(step=0).median(skipna=False), BELOW),
        at_least("share of looks at which λ rises, before ηλ/2 = 0.9", rising(data), 0.9),
        at_least("least of the largest ηλ/2 on a path, η = 0.2", smallest(scaled(data)[0].max("step")), 0.98),
        at_least("η = 0.05: least λ at the end over 2/0.2", smallest(shorter) / (2 / STEP_SIZES[0]), 1.5),
        at_most(
            "largest loss at the end over that at the start",
            largest(paths["loss"].isel(step=-1) / paths["loss"].isel(step=0)),
            0.05,
        ),
    ]


def judge(data: Data) -> Judgement:
    """Whether the sharpness rises, and hovers at 2/η."""
    end = settled(scaled(data)).median("replicate", skipna=False).sel(step_size=list(STEP_SIZES))
    farthest = float(end.values[np.argmax(abs(end.values - 1))])
    share = rising(data)
    return jointly(
        judged(
            near("ηλ/2 at the end, farthest from 1", farthest, 1.0, NEAR),
            f"At the end ηλ/2 is {float(end.min()):.3f} to {float(end.max()):.3f}, by step size.",
        ),
        judged(
            at_least("share of looks at which λ rises, before ηλ/2 = 0.9", share, 0.9),
            f"Before it gets there the sharpness rises at a share of {share:.2g} of the looks.",
        ),
    )


def draw(data: Data) -> Figure:
    """The sharpness and the loss along one path, for each step size."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.2))
    left, right = axes[0]
    for number, size in enumerate((*STEP_SIZES, SHORT)):
        path = data["paths"].sel(step_size=size).isel(replicate=0)
        hue = eq.plots.PALETTE[number]
        left.plot(path["step"], path["sharpness"], color=hue, lw=1, label=f"η = {size:g}")
        left.axhline(2 / size, color=hue, ls="--", lw=1)
        right.plot(path["step"], path["loss"], color=hue, lw=1)
    left.set(xlabel="step", ylabel="sharpness λ, and 2/η")
    right.set(xlabel="step", ylabel="loss", yscale="log")
    for side in (left, right):
        side.locator_params(axis="x", nbins=4)
    eq.plots.add_legend(left)
    return figure


CLAIM = Claim(
    id="edge",
    source="Abstract; introduction and its first figure",
    statement="The sharpness λ of a network under gradient descent rises until it is 2/η, and then hovers there, for "
    "each of three step sizes. With shorter steps it rises on, to where longer ones would not have let it.",
    printed=Printed(
        "As long as the sharpness is below 2/η it tends to rise. Once there, it hovers right at, or just above, 2/η.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"{SETTING} η = 0.2, 0.15 and 0.1, and 0.05, with which λ does not get to 2/η; 10 000 steps, 4 starts "
    "(full: 20). The mean is over the last fifth of the steps.",
)
