"""Loss: it falls at every step until the edge, and beyond only over long times."""

import numpy as np
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.cohen2021.shared.chebyshev import SETTING, trained
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

STEP_SIZE, STEPS, EARLY, LONG = 0.1, 10_000, 200, 1000
"""The loss of every step is kept; the first EARLY steps are far below the edge; LONG steps are a long time."""


def run(quick: bool, seed: int) -> Data:
    """The loss at every step, and the sharpness now and then, of the same runs."""
    method = eq.dynamics.GradientDescent(STEP_SIZE)
    count = 4 if quick else 20
    every = trained(method, seed, steps=STEPS, every=1, count=count, names=("loss",))
    some = trained(method, seed, steps=STEPS, every=STEPS // 50, count=count, names=("sharpness",))
    return {"loss": every, "sharpness": some}


def rises(data: Data) -> tuple[float, float, float]:
    """The shares of steps at which the loss rises, early and in the second half, and that over long times there."""
    loss = data["loss"]["loss"].values
    up = np.diff(loss, axis=1) > 0
    half = loss[:, STEPS // 2 :]
    # the mean loss over a long time against that of the next
    means = half[:, : half.shape[1] // LONG * LONG].reshape(len(half), -1, LONG).mean(axis=2)
    return float(up[:, :EARLY].mean()), float(up[:, STEPS // 2 :].mean()), float((np.diff(means, axis=1) > 0).mean())


def check(data: Data) -> list[Check]:
    """No rise far below the edge, many at it, and none over long times."""
    early, late, long = rises(data)
    scaled = STEP_SIZE * data["sharpness"]["sharpness"] / 2
    return [
        at_most("share of the first 200 steps at which the loss rises", early, 0.0),
        at_least("share of the last 5000 steps at which the loss rises", late, 0.1),
        at_most("share of 1000 steps over which the mean loss rises, of the last 5000", long, 0.65),
        at_most("median ηλ/2 after 200 steps", scaled.sel(step=EARLY).median(skipna=False), 0.9),
        at_least("median ηλ/2 in the second half", scaled.sel(step=slice(STEPS // 2, None)).median(skipna=False), 0.95),
    ]


def judge(data: Data) -> Judgement:
    """Whether the loss goes up and down over short times and falls over long ones."""
    _, late, long = rises(data)
    return jointly(
        judged(
            at_least("share of the last 5000 steps at which the loss rises", late, 0.1),
            f"At the edge the loss rises at a share of {late:.2g} of the steps.",
        ),
        judged(
            at_most("share of 1000 steps over which the mean loss rises, of the last 5000", long, 0.65),
            f"Over 1000 steps its mean rises in a share of {long:.2g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """The loss of one path at every step, and ηλ/2 beside it."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.2))
    left, right = axes[0]
    path = data["loss"].isel(replicate=0)
    left.plot(path["step"], path["loss"], color=eq.plots.PALETTE[0], lw=0.4)
    left.set(xlabel="step", ylabel="loss at every step", yscale="log")
    sharp = STEP_SIZE * data["sharpness"]["sharpness"].isel(replicate=0) / 2
    right.plot(sharp["step"], sharp, color=eq.plots.PALETTE[1])
    right.axhline(1, color="black", ls="--", lw=1)
    right.set(xlabel="step", ylabel="ηλ/2")
    for side in (left, right):
        side.locator_params(axis="x", nbins=4)
    return figure


CLAIM = Claim(
    id="loss",
    source="Abstract",
    statement="Far below the edge the loss falls at every step. At the edge it rises at many steps, and still its mean "
    "falls from one thousand steps to the next.",
    printed=Printed(
        "At the edge the loss is not monotone over short times, but falls consistently over long ones.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"{SETTING} η = 0.1, 10 000 steps, 4 starts (full: 20). A long time is 1000 steps.",
)
