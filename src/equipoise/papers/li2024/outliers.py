"""Outliers: the noisier the data, the faster sharpness-aware steps balance."""

import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.li2024.shared.noisy import STEP_SIZE, difference, noisy_run, predicted, sharpness_aware
from equipoise.papers.li2024.shared.seeds import Offset
from equipoise.papers.machinery.check import Check, Data, at_least, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SIZE, BALANCE, STEPS = 16, 9.0, 1000
STDS = (0.5, 1.0, 2.0)
REPLICATES, FULL_REPLICATES = 20, 400


def run(quick: bool, seed: int) -> Data:
    """Sharpness-aware runs at each strength of the noise, what is predicted, and plain runs beside them."""
    count = REPLICATES if quick else FULL_REPLICATES
    plain, rows = eq.dynamics.GradientDescent(STEP_SIZE), []
    for number, std in enumerate(STDS):
        options = {"steps": STEPS, "replicates": count, "seed": further_seed(seed, Offset.OUTLIERS, number)}
        aware = difference(noisy_run((SIZE, SIZE), sharpness_aware(), std, BALANCE, **options))
        without = difference(noisy_run((SIZE, SIZE), plain, std, BALANCE, **options))
        theory = aware.copy(data=predicted(SIZE, std, BALANCE, aware["step"].values))
        rows.append(xr.Dataset({"aware": aware, "plain": without, "predicted": theory}))
    about = {"long_name": "standard deviation α of the noise on an entry", "units": "[M]"}
    return {"paths": xr.concat(rows, xr.Variable("std", list(STDS), about)).drop_attrs(deep=False)}


def _lost(data: Data, name: str) -> xr.DataArray:
    """What the imbalance has lost at the end, as a share of the start."""
    found: xr.DataArray = 1 - data["paths"][name].isel(step=-1)
    return found


def check(data: Data) -> list[Check]:
    """What is lost is as predicted at each strength, grows with it, and is due to the ascent."""
    aware, plain, theory = (_lost(data, name) for name in ("aware", "plain", "predicted"))
    return [
        *(
            near(f"α = {std:g}: loss over the predicted one", aware[k] / theory[k], 1.0, 0.1)
            for k, std in enumerate(STDS)
        ),
        at_least("loss at α = 1 over that at α = 0.5", aware[1] / aware[0], 1.4),
        at_least("loss at α = 2 over that at α = 1", aware[2] / aware[1], 1.2),
        at_least("α = 1: loss over that of plain steps", aware[1] / plain[1], 5.0),
    ]


def judge(data: Data) -> Judgement:
    """Whether more noise has more effect."""
    aware = _lost(data, "aware")
    least = float((aware.values[1:] / aware.values[:-1]).min())
    return judged(
        at_least("least loss of imbalance over that at half the noise", least, 1.0),
        f"With α = 0.5, 1 and 2 the imbalance loses {float(aware[0]):.0%}, {float(aware[1]):.0%} and "
        f"{float(aware[2]):.0%} in {STEPS} steps.",
    )


def draw(data: Data) -> Figure:
    """The imbalance along the runs, with the prediction."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.2))
    panel, paths = axes[0, 0], data["paths"]
    for number, std in enumerate(STDS):
        one, hue = paths.sel(std=std), eq.plots.PALETTE[number]
        panel.plot(one["step"], one["aware"], "o", ms=3, color=hue, label=f"α = {std:g}")
        panel.plot(one["step"], one["predicted"], color=hue, lw=1)
        panel.plot(one["step"], one["plain"], ":", color=hue, lw=1)
    panel.set(xlabel="steps; dotted: without the ascent", ylabel="mean of ‖x‖² − ‖y‖² over the start", ylim=(0, 1.05))
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="outliers",
    source="Abstract, finding ii), and Figure 1",
    statement="On E‖xyᵀ − (A + αN)‖² sharpness-aware steps take off imbalance in proportion to α, at the rate 2ραη√d "
    "over the norm of (x, y) to first order in ρ, where A is d x d.",
    printed=Printed(
        "The regularization of balancedness responds to the data: outliers, that is stronger noise, have a stronger "
        "impact.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"A {SIZE} x {SIZE} matrix of rank 1 and norm 1, started at the minimum of balance {BALANCE:g}; "
    f"η = 0.002, ρ = 0.1; {FULL_REPLICATES} replicates (quick: {REPLICATES}), {STEPS} steps. The prediction also has "
    "what the noise does without the ascent, which is of second order in η. Of the paper we could read the abstract "
    "and the beginning alone.",
)
