"""Recovery: from a large start, noise on the labels finds the sparse truth; isotropic noise and none do not."""

import numpy as np
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.haochen2021.shared.decades import above
from equipoise.papers.haochen2021.shared.quadratic import (
    FULL,
    METHODS,
    QUICK,
    REPLICATES,
    STEP_SIZE,
    ensembles,
    methods,
    sparse_regression,
)
from equipoise.papers.haochen2021.shared.seeds import Offset
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

FOUND, DENSE, LARGE = 0.2, 0.5, 1.5
"""An error ‖w − w*‖/‖w*‖ below 0.2 is a recovery, one above 0.5 is none; a large ‖w‖₁/‖w*‖₁ is above 1.5."""


def run(quick: bool, seed: int) -> Data:
    """The three methods from v = 1."""
    size = QUICK if quick else FULL
    problem, chosen = sparse_regression(size, seed), methods(size)
    own = [further_seed(seed, Offset.RECOVERY, number) for number in range(len(chosen))]
    found = ensembles(problem, chosen, np.ones((REPLICATES, size.coordinates)), size, own)
    return {"paths": found.drop_vars("paths")}


def check(data: Data) -> list[Check]:
    """Label noise ends at the truth; the others fit the points with solutions that are far off and have a large sum."""
    last = data["paths"].isel(step=-1)
    error, total, loss = last["error"], last["total"], last["loss"]
    middle = last[["error", "total"]].sel(noise="isotropic").median("replicate", skipna=False)
    return [
        at_most("label noise: largest error at the end", largest(error.sel(noise="label")), FOUND),
        at_most("label noise: largest ‖w‖₁/‖w*‖₁ at the end", largest(total.sel(noise="label")), 1.25),
        at_most("label noise: largest loss at the end", largest(loss.sel(noise="label")), 0.02),
        above("no noise: smallest error at the end", smallest(error.sel(noise="plain")), DENSE),
        above("no noise: smallest ‖w‖₁/‖w*‖₁ at the end", smallest(total.sel(noise="plain")), LARGE),
        at_most("no noise: largest loss at the end", largest(loss.sel(noise="plain")), 1e-3),
        above("isotropic noise: median error at the end", middle["error"], DENSE),
        above("isotropic noise: median ‖w‖₁/‖w*‖₁ at the end", middle["total"], LARGE),
    ]


def judge(data: Data) -> Judgement:
    """Whether label noise recovers, and the others do not."""
    error = data["paths"]["error"].isel(step=-1)
    label = largest(error.sel(noise="label"))
    others = {name: float(error.sel(noise=name).median(skipna=False)) for name in METHODS if name != "label"}
    return jointly(
        judged(
            at_most("label noise: largest error", label, FOUND),
            f"With label noise w ends within {label:.2g} of w*, relative.",
        ),
        *(
            judged(
                at_least(f"{METHODS[name]}: median error", value, DENSE),
                f"With {METHODS[name]} the median error ends at {value:.2g}.",
            )
            for name, value in others.items()
        ),
    )


def draw(data: Data) -> Figure:
    """The errors along the runs, and one w at the end of each."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.2))
    left, right = axes[0]
    found = data["paths"]
    for number, (name, label) in enumerate(METHODS.items()):
        paths, color = found["error"].sel(noise=name), eq.plots.PALETTE[number]
        left.semilogy(paths["step"], paths.transpose("step", "replicate"), color=color, lw=0.7)
        left.plot([], [], color=color, label=label)
        w = found["weights"].sel(noise=name).isel(replicate=0)
        right.plot(w["coordinate"], w, ".", color=color, label=label)
    left.set(xlabel="steps", ylabel="‖w − w*‖/‖w*‖")
    right.set(xlabel="coordinate", ylabel="w at the end", yscale="symlog")
    eq.plots.add_legend(left)
    return figure


CLAIM = Claim(
    id="recovery",
    source="Abstract; sizes of the authors' code, train_quadratic.py",
    statement="For w = v∘v, fewer points than coordinates and the start v = 1, gradient descent with noise on labels "
    "recovers the sparse w*. Without noise, and with isotropic noise as strong at the start, it fits the points with a "
    "dense w of much larger sum.",
    printed=Printed(
        "SGD with label noise recovers the sparse ground truth; SGD with Gaussian noise, or gradient descent, overfits "
        "to dense solutions with large norms.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"{FULL.coordinates} coordinates, {FULL.points} points, {FULL.ones} ones (quick: {QUICK.coordinates}, "
    f"{QUICK.points}, {QUICK.ones}), δ = 1 and the start, as in the authors' code, which makes 300 000 steps of 0.01; "
    f"here {FULL.steps} steps of {STEP_SIZE:g} (quick: {QUICK.steps}), the last fifth 20 times shorter. Their noise "
    "is on the label of one random point; here it is on all, with the same covariance. Their Gaussian noise is 100 "
    f"times weaker; here it is as strong as label noise at v = 1. {REPLICATES} replicates. "
    "Of the paper we could read the abstract and the beginning alone.",
)
