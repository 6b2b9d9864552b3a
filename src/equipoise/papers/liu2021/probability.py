"""Theorem 1: the probability 1 − δ, and ε as small as wanted."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.liu2021.shared.in_law import Strengths, after_step
from equipoise.papers.liu2021.shared.seeds import Stream
from equipoise.papers.liu2021.shared.settings import SHAPE
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

EPSILONS, QUICK_EPSILONS = (0.2, 0.1, 0.05), (0.2, 0.15, 0.12)
ODDS_EPSILON, ODDS_STEP_SIZES, SPAN = 0.1, (0.15, 0.135, 0.12, 0.08), 8.0
"""The ε at which δ is measured, the step sizes, and T₁η² there."""
ALLOWED = 0.05
"""The δ by which the print is judged."""


def run(quick: bool, seed: int) -> Data:
    """Paths for each ε, with σ² and η that fall with it; and paths at one ε for each of several larger step sizes."""
    count = 200 if quick else 500
    random = generator(seed, Stream.PROBABILITY)
    limits = [_farthest(e, e**2, 0.6, 1.0, count, random) for e in (QUICK_EPSILONS if quick else EPSILONS)]
    random = generator(seed, Stream.ODDS)
    count = 1000 if quick else 4000
    odds = [_farthest(ODDS_EPSILON, size, 1.0, SPAN, count, random) for size in ODDS_STEP_SIZES]
    return {
        "limits": xr.concat(limits, "epsilon", coords="different", compat="equals", combine_attrs="override"),
        "odds": xr.concat(odds, "step_size", coords="different", compat="equals", combine_attrs="override"),
    }


def _farthest(
    epsilon: float, step_size: float, wait: float, span: float, count: int, random: np.random.Generator
) -> xr.Dataset:
    """The largest distance of all steps from t₁ = wait·ln(1/η)/(ησ²) to T₁ = span/η², for each replicate.

    σ² = ε/2. Even replicates start at the saddle 0, odd ones at the minimum of balance 4. A distance is the larger of
    ‖x − u*‖ and ‖y − v*‖, up to a common sign.
    """
    variance = epsilon / 2
    first, end = round(-wait * np.log(step_size) / (step_size * variance)), round(span / step_size**2)
    stds = ((variance / SHAPE[0]) ** 0.5, (variance / SHAPE[1]) ** 0.5)
    away = np.arange(count) % 2
    now = Strengths(2.0 * away, 0.5 * away, np.zeros(count), np.zeros(count))
    farthest = np.zeros(count)
    for step in range(end + 1):
        if step >= first:
            farthest = np.maximum(farthest, _distance(now))
        now = after_step(now, step_size, stds, SHAPE, random)
    assert first < end
    measured = {"long_name": "largest distance from t₁ to T₁", "units": "1"}
    sign = {"long_name": "sign of u*ᵀx at the end", "units": "1"}
    return xr.Dataset(
        {
            "farthest": ("replicate", farthest, measured),
            "sign": ("replicate", np.sign(now.alpha), sign),
            "at_saddle": ("replicate", 1 - away, {"long_name": "started at the saddle", "units": "1"}),
        },
        {"epsilon": epsilon, "step_size": step_size, "first": first, "end": end},
    )


def _distance(now: Strengths) -> np.ndarray:
    """The larger of ‖x − u*‖ and ‖y − v*‖, or of ‖x + u*‖ and ‖y + v*‖ if x and y point the other way."""
    sign = np.where(now.alpha + now.beta < 0, -1.0, 1.0)
    x, y = np.hypot(sign * now.alpha - 1, now.alpha_off), np.hypot(sign * now.beta - 1, now.beta_off)
    return np.maximum(x, y)


def within(data: xr.Dataset) -> xr.DataArray:
    """The share of replicates that are within ε at every step from t₁ to T₁."""
    return (data["farthest"] <= data["epsilon"]).mean("replicate")


def check(data: Data) -> list[Check]:
    """Every path is within ε for every ε; the distance falls with ε; δ falls exponentially in 1/η; both signs occur."""
    limits, odds = data["limits"], data["odds"]
    law = eq.analysis.power_law(limits["epsilon"], limits["farthest"].median("replicate"))
    failing = 1 - within(odds)
    sizes = odds["step_size"].values
    negative = (limits["sign"] < 0).where(limits["at_saddle"] == 1).mean()
    return [
        near("share within ε at every step, at the ε with the fewest", within(limits).min(), 1.0, 0.0),
        at_most("largest distance over ε", largest(limits["farthest"] / limits["epsilon"]), 0.85),
        at_least("exponent of the median distance in ε", law.exponent.estimate, 0.9),
        at_least(f"δ at η = {sizes[0]:g}", failing[0], 0.2),
        at_most(f"δ at η = {sizes[-1]:g}", failing[-1], ALLOWED),
        at_most("change of ln δ per unit of 1/η", _slope(odds), -0.5),
        near("share of paths from the saddle that end at −(u*, v*)", negative, 0.5, 0.15),
    ]


def _slope(odds: xr.Dataset) -> float:
    """The slope of ln δ against 1/η at the three largest step sizes; NaN if no path leaves at one of them."""
    failing = 1 - within(odds).values[:3]
    return float(np.polyfit(1 / odds["step_size"].values[:3], np.log(failing), 1)[0]) if failing.all() else np.nan


def judge(data: Data) -> Judgement:
    """By the share within ε at the ε with the fewest, for δ = 0.05."""
    limits = data["limits"]
    share, epsilon = float(within(limits).min()), float(limits["epsilon"].min())
    name = "share within ε at every step from t₁ to T₁, at the ε with the fewest"
    return judged(
        at_least(name, share, 1 - ALLOWED),
        f"With σ² = ε/2 and η = ε², {share:.1%} of {limits.sizes['replicate']} replicates are within ε at every step "
        f"from t₁ to T₁ = 1/η², up to a common sign of x and y, at the ε with the fewest of those from {epsilon:g} up.",
    )


def draw(data: Data) -> Figure:
    """The largest distances against ε, and the share that leaves against 1/η."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.1))
    limits, odds = data["limits"], data["odds"]
    _draw_limits(axes[0, 0], limits)
    _draw_odds(axes[0, 1], odds)
    return figure


def _draw_odds(axes: Any, odds: xr.Dataset) -> None:
    """δ with its 95 % interval; where no path leaves, the upper end alone."""
    count = odds.sizes["replicate"]
    counts = np.round((1 - within(odds).values) * count).astype(int)
    some = counts > 0
    found = [eq.analysis.proportion_interval(int(each), count, 0.95) for each in counts]
    share, low, high = np.array(found).T
    inverse = 1 / odds["step_size"].values
    bars = np.abs([low - share, high - share])[:, some]
    axes.errorbar(inverse[some], share[some], bars, fmt="o-", capsize=2, label="measured")
    if not some.all():
        axes.plot(inverse[~some], high[~some], "v", color=eq.plots.PALETTE[1], label="no path leaves: upper bound")
    axes.set(yscale="log", xlabel="1/η", ylabel=f"share δ that leaves ε = {ODDS_EPSILON:g}")
    eq.plots.add_legend(axes, loc="lower left")


def _draw_limits(axes: Any, limits: xr.Dataset) -> None:
    epsilon = limits["epsilon"].values
    axes.plot(epsilon, epsilon, color="black", linestyle=":", label="ε")
    for name, fraction, mark in (("largest", 1.0, "^"), ("median", 0.5, "o"), ("smallest", 0.0, "v")):
        axes.plot(epsilon, limits["farthest"].quantile(fraction, "replicate"), f"{mark}-", label=f"{name} path")
    axes.plot(epsilon, 1 - (1 - epsilon / 2) ** 0.5, "--", label="bias 1 − √(1 − σ²)")
    axes.set(xlabel="ε", ylabel="largest distance from t₁ to T₁", xlim=(0, 1.1 * epsilon.max()), ylim=(0, None))
    axes.set_xticks(epsilon)
    eq.plots.add_legend(axes, loc="upper left")


CLAIM = Claim(
    id="probability",
    source="Theorem 1, Section 3",
    statement="For ε as small as wanted there are σ² and η with which every path is within ε of ±(u*, v*) at every "
    "single step from t₁ to T₁, from the saddle and from an unbalanced minimum. At larger step sizes some paths "
    "leave; their share δ falls exponentially in 1/η, so that η ∝ 1/log(1/δ) suffices. From the saddle half of "
    "the paths end at −(u*, v*).",
    printed=Printed(
        "For any ε and δ, with σ² and η small enough, x is within ε of u* and y within ε of v* at all steps from t₁ to "
        "T₁ = O(1/η²), with probability at least 1 − δ.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="The polynomials are open. Chosen: σ² = ε/2, η = ε², t₁ = 0.6 ln(1/η)/(ησ²), T₁ = 1/η², d1 = 20, d2 = 30. "
    f"δ is measured at ε = {ODDS_EPSILON:g}, with t₁ = ln(1/η)/(ησ²) and T₁ = {SPAN:g}/η², and the print is judged "
    f"with δ = {ALLOWED:g}. The theorem prints u* and v*; the text before it says ±(u*, v*), and by symmetry it can "
    "only hold up to a common sign. Whether it holds for any start is judged in theorem1. The paths are simulated in "
    "law: the four strengths of x and y on and off the signal follow from themselves and six "
    "random numbers a step, exactly, for any dimension.",
)
