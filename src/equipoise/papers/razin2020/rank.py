"""Rank: while all norms grow, the matrix comes close to rank one."""

import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.razin2020.norms import SETTING
from equipoise.papers.razin2020.shared.flows import TIMES, flows

CLOSE = 0.01
"""An effective rank above 1 by less than this is read as close to 1 in the time of a run."""


def run(quick: bool, seed: int) -> Data:
    """The same flows as for the norms."""
    return flows(quick, seed)


def highest(flow: xr.Dataset) -> float:
    """The largest effective rank at the end, over the starts."""
    return largest(flow["effective_rank"][:, -1])


def excess(data: Data, name: str) -> float:
    """The largest effective rank at the end, over depths and starts, less 1."""
    return max(highest(data[f"{name}{depth}"]) for depth in TIMES) - 1


def check(data: Data) -> list[Check]:
    """The effective rank falls to 1 and the second singular value to 0, while the first one grows."""
    checks = []
    for depth in TIMES:
        flow = data[f"positive{depth}"]
        values = flow["singular_values"]
        checks += [
            at_most(
                f"depth {depth}: largest effective rank at the end, less 1",
                largest(flow["effective_rank"][:, -1]) - 1,
                CLOSE,
            ),
            at_most(f"depth {depth}: largest second singular value at the end", largest(values[:, -1, 1]), 0.1),
            at_least(f"depth {depth}: least first singular value at the end", smallest(values[:, -1, 0]), 2.0),
        ]
    return [*checks, at_least("det < 0: largest effective rank at the end, less 1", excess(data, "negative"), 0.5)]


def judge(data: Data) -> Judgement:
    """Whether the effective rank comes close to that of the solutions of lowest rank."""
    most = excess(data, "positive")
    return judged(
        at_most("largest effective rank at the end, less 1", most, CLOSE),
        f"At the end the effective rank is at most 1 + {most:.2g}, and falls on.",
    )


def draw(data: Data) -> Figure:
    """The effective rank and both singular values over the time, at each depth."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.2))
    left, right = axes[0]
    for number, depth in enumerate(TIMES):
        flow = data[f"positive{depth}"].median("replicate").isel(time=slice(1, None))
        hue = eq.plots.PALETTE[number]
        left.plot(flow["time"], flow["effective_rank"] - 1, color=hue, label=f"depth {depth}")
        right.plot(flow["time"], flow["singular_values"][:, 0], color=hue)
        right.plot(flow["time"], flow["singular_values"][:, 1], "--", color=hue)
    left.set(xscale="log", yscale="log", xlabel="time", ylabel="effective rank − 1, median")
    right.set(xscale="log", yscale="log", xlabel="time", ylabel="singular values, medians")
    eq.plots.add_legend(left)
    return figure


CLAIM = Claim(
    id="rank",
    source="Abstract; the analysis of the 2 x 2 problem",
    statement="On the same flows from det W > 0 the effective rank falls to 1, that of the solutions of lowest rank: "
    "the second singular value goes to 0 while the first one goes to infinity.",
    printed=Printed(
        "Rather than norms, the implicit regularization may be seen as a minimization of rank: on the same problem the "
        "effective rank goes to its least value.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=SETTING,
    shares="norms",
)
