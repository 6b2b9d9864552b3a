"""Convergence: steps of up to 4/L converge, longer ones do not."""

import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.wang2022.shared.sweep import FULL_STARTS, STARTS, STEPS, converged, sweep


def run(quick: bool, seed: int) -> Data:
    """The ends of all starts with all step sizes."""
    return {"ends": sweep(quick, seed)}


def _shares(data: Data) -> tuple[float, float, float]:
    """The smallest share that converges up to 2/L, between 2/L and 4/L, and the largest beyond 4/L."""
    share: xr.DataArray = converged(data["ends"])
    below, between = share.sel(ratio=slice(None, 2)), share.sel(ratio=slice(2, 4))
    return smallest(below), smallest(between), largest(share.sel(ratio=slice(4, None)))


def check(data: Data) -> list[Check]:
    """All starts converge below 4/L, and none does above."""
    below, between, beyond = _shares(data)
    return [
        at_least("up to 2/L: smallest share of starts that converge", below, 1.0),
        at_least("from 2.1/L to 3.9/L: smallest share of starts that converge", between, 1.0),
        at_most("from 4.1/L on: largest share of starts that converge", beyond, 0.0),
    ]


def judge(data: Data) -> Judgement:
    """Whether steps well beyond 2/L converge."""
    _, between, beyond = _shares(data)
    return judged(
        at_least("from 2.1/L to 3.9/L: smallest share of starts that converge", between, 1.0),
        f"Of the starts with steps from 2.1/L to 3.9/L at least {between:.0%} converge, of those from 4.1/L on at most "
        f"{beyond:.0%}.",
    )


def draw(data: Data) -> Figure:
    """The share that converges against the step size."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.0))
    panel, share = axes[0, 0], converged(data["ends"])
    panel.plot(share["ratio"], share, "o-", color=eq.plots.PALETTE[0])
    for limit, style in ((2.0, ":"), (4.0, "--")):
        panel.axvline(limit, color="gray", ls=style, lw=1)
    panel.set(xlabel="step size times L at the start", ylabel="share of starts that converge")
    return figure


CLAIM = Claim(
    id="convergence",
    source="Abstract; the limit 4/L in the authors' account of July 2022",
    statement="From near an unbalanced minimum gradient descent converges with every step size up to 3.9/L, where L is "
    "the largest eigenvalue of the Hessian at the start, and with none from 4.1/L on.",
    printed=Printed(
        "Gradient descent on ½‖A − XYᵀ‖² converges with constant steps well beyond 2/L, up to about 4/L, where L is "
        "the largest eigenvalue of the Hessian at the start.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"A 6 x 6 matrix of rank 1 and norm 1; {FULL_STARTS} starts (quick: {STARTS}) near x = 6u, y = v/6, scaled "
    f"to L = 36; {STEPS} steps. Of the paper we could read the abstract and the first pages alone, beside the "
    "authors' own account.",
)
