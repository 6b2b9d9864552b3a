"""Starts: with noise on the labels the end does not depend on the start, as it does without noise."""

import numpy as np
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.haochen2021.shared.decades import above
from equipoise.papers.haochen2021.shared.quadratic import (
    FULL,
    METHODS,
    QUICK,
    REPLICATES,
    ensembles,
    methods,
    sparse_regression,
)
from equipoise.papers.haochen2021.shared.seeds import Offset, Stream
from equipoise.papers.machinery.check import Check, Data, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SIZES, FOUND = (0.05, 0.2, 1.0), 0.2


def run(quick: bool, seed: int) -> Data:
    """Label noise and none from v = each size, and from v uniform in (0.05, 1) by coordinate."""
    size = QUICK if quick else FULL
    problem = sparse_regression(size, seed)
    chosen = {name: method for name, method in methods(size).items() if name != "isotropic"}
    uneven = generator(seed, Stream.STARTS).uniform(SIZES[0], SIZES[-1], size.coordinates)
    kinds = np.vstack([np.outer(SIZES, np.ones(size.coordinates)), uneven])
    starts = np.repeat(kinds, REPLICATES // len(kinds), axis=0)
    own = [further_seed(seed, Offset.STARTS, number) for number in range(len(chosen))]
    found = ensembles(problem, chosen, starts, size, own)[["error", "loss", "total"]]
    by_start = found.coarsen(replicate=REPLICATES // len(kinds)).construct(replicate=("start", "replicate"))
    names = [f"v = {value:g}" for value in SIZES] + ["v uniform"]
    return {"paths": by_start.assign_coords(start=("start", names, {"long_name": "start", "units": "1"}))}


def check(data: Data) -> list[Check]:
    """Label noise recovers from every start; without noise a small start is needed."""
    last = data["paths"]["error"].isel(step=-1)
    plain = last.sel(noise="plain").mean("replicate", skipna=False)
    return [
        at_most("label noise: largest error over the starts", largest(last.sel(noise="label")), FOUND),
        at_most("no noise: error from v = 0.05", plain[0], 0.3),
        above("no noise: error from v = 1", plain[2], FOUND),
        above("no noise: error from v = 0.2 over that from v = 0.05", plain[1] / plain[0], 1.5),
        above("no noise: error from v = 1 over that from v = 0.2", plain[2] / plain[1], 1.5),
        above("no noise: error from v uniform over that from v = 0.05", plain[3] / plain[0], 1.5),
    ]


def judge(data: Data) -> Judgement:
    """Whether all ends with label noise are recoveries."""
    worst = largest(data["paths"]["error"].isel(step=-1).sel(noise="label"))
    return judged(
        at_most("label noise: largest error over the starts", worst, FOUND),
        f"From sizes {SIZES[0]:g} to {SIZES[-1]:g}, and an uneven start, w ends within {worst:.2g} of w*, relative.",
    )


def draw(data: Data) -> Figure:
    """The errors along the runs, from each start."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.2))
    found = data["paths"]
    for panel, name in zip(axes[0], ("label", "plain"), strict=True):
        for number, start in enumerate(found["start"].values):
            path = found["error"].sel(noise=name).isel(start=number, replicate=0)
            panel.semilogy(path["step"], path, color=eq.plots.PALETTE[number], label=str(start))
        low, high = float(found["error"].min()), float(found["error"].max())
        panel.set(xlabel="steps", ylabel="‖w − w*‖/‖w*‖", title=METHODS[name], ylim=(low / 1.5, high * 1.5))
    eq.plots.add_legend(axes[0, 0])
    return figure


CLAIM = Claim(
    id="starts",
    source="Abstract",
    statement="With noise on the labels the sparse w* is recovered from starts of every size up to 1, even or not. "
    "Without noise the error grows with the size of the start, and only a small one recovers w*.",
    printed=Printed("SGD with label noise recovers the sparse ground truth with an arbitrary initialization.", judge),
    run=run,
    check=check,
    draw=draw,
    shares="recovery",
    choices="The sizes, steps and noise of the claim recovery, four replicates from each of four starts: v = 0.05, 0.2 "
    "and 1, and v uniform in (0.05, 1) by coordinate. Much larger starts need shorter steps, and were not tried.",
)
