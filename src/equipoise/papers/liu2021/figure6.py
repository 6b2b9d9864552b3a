"""Figure 6: the phase transition in higher dimension, with our own settings, since the paper's text gives none."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import descent, ensemble, instance, last, perturbed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

STEP_SIZE, START_STD, UNBALANCE, STD_Y = 1e-2, 0.2, 4.0, 0.025


def run(quick: bool, seed: int) -> Data:
    """Perturbed GD and GD from the same unbalanced starts, at rank 1 and rank 10."""
    steps = 12_000 if quick else 15_000
    start = eq.initial.Unbalanced(eq.initial.Gaussian(START_STD), UNBALANCE)
    methods: dict[str, Any] = {"perturbed": perturbed(STEP_SIZE, std_y=STD_Y), "descent": descent(STEP_SIZE)}
    settings: dict[str, Any] = {"steps": steps, "replicates": 10 if quick else 50, "every": 50}
    return {
        f"rank{rank}_{name}": ensemble(instance(rank), dynamics, start, seed=own, **settings)
        for rank, own in ((rank, further_seed(seed, Offset.FIGURE6, rank)) for rank in (1, 10))
        for name, dynamics in methods.items()
    }


def _transition(data: xr.Dataset) -> tuple[float, float]:
    """How many times later the balance is even than the loss is low, and the balance when the loss is low: medians."""
    plateau = data["loss"].isel(step=slice(-20, None)).mean()
    fallen = eq.analysis.first_passage(data["loss"], below=2 * float(plateau))
    even = eq.analysis.first_passage(abs(data["balance"] - 1), below=0.05)
    between = data["balance"].where(data["step"] == fallen).max("step")
    return float((even / fallen).median(skipna=False)), float(between.median(skipna=False))


def check(data: Data) -> list[Check]:
    """The loss falls first, the balance becomes even much later; without noise there is no second phase."""
    checks = []
    for rank in (1, 10):
        noisy, plain = data[f"rank{rank}_perturbed"], data[f"rank{rank}_descent"]
        times, between = _transition(noisy)
        unmoved = np.exp(np.log(last(plain)["balance"].values).mean())
        checks += [
            at_least(f"rank {rank}: balance when the loss has fallen", between, 1.3),
            at_least(f"rank {rank}: steps to balance over steps to a low loss", times, 3.0),
            near(
                f"rank {rank}: balance at the end of Perturbed GD, median", last(noisy)["balance"].median(), 1.0, 0.05
            ),
            at_least(f"rank {rank}: balance at the end of GD, geometric mean", unmoved, 1.5),
            at_most(f"rank {rank}: loss at the end of GD, largest", largest(last(plain)["loss"]), 1e-6),
        ]
    return checks


def draw(data: Data) -> Figure:
    """Loss and balance against the step, one row for each rank."""
    figure, axes = eq.plots.new_figure(2, 2, panel=(4.0, 2.8))
    for row, rank in zip(axes, (1, 10), strict=True):
        groups = {"Perturbed GD": data[f"rank{rank}_perturbed"], "GD": data[f"rank{rank}_descent"]}
        floored = {name: group.assign(loss=group["loss"].clip(1e-8, keep_attrs=True)) for name, group in groups.items()}
        eq.plots.draw_paths(row[0], floored, "loss", logarithmic="xy")
        eq.plots.draw_paths(row[1], groups, "balance", logarithmic="xy", expected=1.0)
        for side in row:
            side.set_title(f"rank {rank}")
    return figure


def judge(data: Data) -> Judgement:
    """At both ranks the balance comes back much later than the loss falls."""
    parts = []
    for rank in (1, 10):
        times, between = _transition(data[f"rank{rank}_perturbed"])
        parts.append(
            judged(
                at_least(f"rank {rank}: steps to balance over steps to a low loss", times, 2.0),
                f"At rank {rank} the balance is {between:.2g} when the loss has fallen, and even after {times:.2g} "
                "times as many steps.",
            )
        )
    return jointly(*parts)


CLAIM = Claim(
    id="figure6",
    shares="figure3",
    source="Appendix, Figure 6 (not in the text; designed here)",
    statement="The phase transition is there in higher dimension too, at rank 1 and at rank 10: from an unbalanced "
    "start the loss falls first and the balance is restored many times later, by noise alone.",
    printed=Printed(
        "The phase transition can also be observed for higher dimensional problems.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="All of it: the instances of Figures 2 and 3, step size 0.01, noise of balance 1 with half the "
    "standard deviation, Gaussian starts of standard deviation 0.2 thrown off balance by 4. Losses of GD below "
    "1e-8 are drawn there.",
)
