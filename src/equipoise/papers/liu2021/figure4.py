"""Figure 4: the phase transition in the scalar valley."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.liu2021.shared.settings import ensemble, last
from equipoise.papers.liu2021.shared.valley import STD, STEP_SIZE, WATCHED, early_and_late, start
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

DECAY = 0.95
EARLY, EVERY = 60, 100


def run(quick: bool, seed: int) -> Data:
    """50 replicates of Perturbed GD and one of GD: every step at first, then sparsely up to the balanced optimum."""
    valley, steps = eq.problems.valley(), 60_000 if quick else 100_000
    noisy = eq.dynamics.PerturbedGD(STEP_SIZE, eq.noise.Gaussian(STD))
    plain = eq.dynamics.GradientDescent(STEP_SIZE)
    data = {}
    for name, dynamics, replicates in (("perturbed", noisy, 50), ("descent", plain, 1)):
        settings: dict[str, Any] = {"seed": seed, "steps": steps, "replicates": replicates, "at": range(EARLY + 1)}
        whole = ensemble(valley, dynamics, start(), every=EVERY, observables=WATCHED, **settings)
        data[f"{name}_early"], data[f"{name}_late"] = early_and_late(whole, EARLY, EVERY)
    return data


def check(data: Data) -> list[Check]:
    """The squared ratio falls while the loss falls; then noise brings it back to 1, and without noise it stays."""
    early, late = data["perturbed_early"], data["perturbed_late"]
    square = (early["balance"] ** 2).median("replicate")
    loss = early["loss"].median("replicate")
    descent = data["descent_late"]
    end = last(late)["balance"] ** 2
    plain = data["descent_early"]["balance"] ** 2
    settled = eq.analysis.first_passage(abs(plain / plain.isel(step=-1) - 1), below=0.01)
    return [
        near("x²/y² at the start", square[0], 0.36, 1e-12),
        near("x²/y² after 40 steps of GD", plain.sel(step=40).item(), 0.004, 0.001),
        near(
            "x²/y² after 40 steps of Perturbed GD, against GD's", square.sel(step=40), plain.sel(step=40).item(), 0.001
        ),
        at_most("loss after 40 steps over the loss at the start", loss.sel(step=40) / loss[0], 1e-3),
        at_most("step from which x²/y² of GD is within 1% of its end (printed: 30 to 40)", settled.item(), 40),
        near("x²/y² at the end of Perturbed GD, median", np.median(end), 1.0, 0.1),
        at_least("x²/y² at the end of Perturbed GD, smallest of 50", smallest(end), 0.8),
        near("x²/y² at the end of GD", last(descent)["balance"].item() ** 2, 0.00476, 0.001),
        at_most("loss at the end of GD", last(descent)["loss"].item(), 1e-20),
    ]


def draw(data: Data) -> Figure:
    """Above, the first steps; below, the whole run: the loss of one path with its moving average, and the ratio."""
    figure, axes = eq.plots.new_figure(2, 2, panel=(4.0, 2.8))
    for row, part, title in zip(axes, ("early", "late"), ("first steps", "the whole run"), strict=True):
        noisy, plain = data[f"perturbed_{part}"], data[f"descent_{part}"]
        one = noisy["loss"].isel(replicate=0)
        paths = {"Perturbed GD": one, "GD": plain["loss"].isel(replicate=0).clip(1e-12)}
        if part == "late":
            paths["its moving average"] = eq.analysis.exponential_average(one.sel(step=slice(EARLY, None)), DECAY)
        eq.plots.draw_paths(row[0], paths, logarithmic="y")
        square = {"Perturbed GD": noisy["balance"] ** 2, "GD": plain["balance"] ** 2}
        label = {"long_name": "squared ratio", "formula": "x²/y²", "units": "1"}
        eq.plots.draw_paths(
            row[1], {k: v.assign_attrs(label) for k, v in square.items()}, logarithmic="y", expected=1.0
        )
        for side in row:
            side.set_title(title)
    return figure


def judge(data: Data) -> Judgement:
    """The printed ratio after the fall into the valley."""
    ratio = last(data["descent_late"])["balance"].item() ** 2
    return judged(near("x²/y² at the end of GD", ratio, 0.004, 0.0005), f"x²/y² of GD ends at {ratio:.5f}.")


CLAIM = Claim(
    id="figure4",
    source="Figure 4, Section 5 (Phase Transition)",
    statement="On (1 − xy)² from (3, 5), Perturbed GD and GD fall into the valley together in 30 to 40 steps, "
    "while x²/y² falls from 0.36 to about 0.004; then Perturbed GD climbs along the valley to the balanced "
    "optimum, and GD stays.",
    printed=Printed(
        "On (1 − xy)² from (3, 5), Perturbed GD and GD behave similarly in around the first 30 to 40 iterations, while "
        "x²/y² falls from 0.36 to around 0.004; then GD converges to the unbalanced optimum, and x²/y² of Perturbed "
        "GD rises to 1.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"The moving average of the loss, open in the paper, keeps {DECAY:g} of its value per recording of 100 "
    "steps, and starts in the valley. The run has 100 000 steps (quick: 60 000). Losses of GD below 1e-12 are "
    "drawn there.",
)
