"""Balancing: the longer the steps, the lower the bound on the imbalance at the end."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged
from equipoise.papers.wang2022.shared.sweep import FULL_STARTS, SHARPEST, STARTS, STEPS, UNBALANCE, sweep

START_GAP = UNBALANCE - 1 / UNBALANCE
"""|‖x‖ − ‖y‖| at the minimum near which all begin."""


def run(quick: bool, seed: int) -> Data:
    """The ends of all starts with all step sizes."""
    return {"ends": sweep(quick, seed)}


def gap(ends: xr.Dataset) -> xr.DataArray:
    """|‖x‖ − ‖y‖| at the end, where there is one."""
    found: xr.DataArray = abs(ends["norm_x"] - ends["norm_y"]).sel(ratio=slice(None, 4))
    return found


def sharpness(ends: xr.Dataset) -> xr.DataArray:
    """η(‖x‖² + ‖y‖²) at the end, where there is one: the step size times the sharpness of a minimum."""
    squares = (ends["norm_x"] ** 2 + ends["norm_y"] ** 2).sel(ratio=slice(None, 4))
    found: xr.DataArray = squares * squares["ratio"] / SHARPEST
    return found


def bound(ratio: np.ndarray) -> np.ndarray:
    """√(2/η − 2), the largest |‖x‖ − ‖y‖| of a minimum of ‖M‖ = 1 that is stable."""
    return np.sqrt(2 * SHARPEST / ratio - 2)


def check(data: Data) -> list[Check]:
    """Every end is a stable minimum; short steps keep the imbalance and long ones lose most of it."""
    ends = data["ends"]
    means = gap(ends).mean("replicate", skipna=False)
    return [
        at_most("largest η(‖x‖² + ‖y‖²) at an end", largest(sharpness(ends)), 2.0 + 1e-6),
        at_most("largest |‖x‖ − ‖y‖| over its bound √(2/η − 2)", _over_bound(ends), 1.0),
        at_least(
            "steps up to 1.9/L: smallest |‖x‖ − ‖y‖| over that of the start",
            smallest(gap(ends).sel(ratio=slice(None, 2))) / START_GAP,
            0.95,
        ),
        near("steps of 2.5/L: mean |‖x‖ − ‖y‖| over that of the start", means.sel(ratio=2.5) / START_GAP, 0.7, 0.02),
        at_most("steps of 3/L: mean |‖x‖ − ‖y‖| over that of the start", means.sel(ratio=3.0) / START_GAP, 0.25),
        at_least("steps of 3.9/L: mean |‖x‖ − ‖y‖| over that of 3/L", means.sel(ratio=3.9) / means.sel(ratio=3.0), 0.5),
    ]


def _over_bound(ends: xr.Dataset) -> float:
    apart = gap(ends).sel(ratio=slice(2, None))
    return largest(apart / xr.DataArray(bound(apart["ratio"].values), dims="ratio"))


def judge(data: Data) -> Judgement:
    """The bound must hold, and decide something: steps beyond 2/L lose imbalance that short ones keep."""
    ends = data["ends"]
    over, means = _over_bound(ends), gap(ends).mean("replicate", skipna=False)
    lost = float(means.sel(ratio=3.0) / means.sel(ratio=1.0))
    return jointly(
        judged(
            at_most("largest |‖x‖ − ‖y‖| over its bound √(2/η − 2)", over, 1.0),
            f"The imbalance at the end is at most {over:.3g} times the bound, which falls with the step size. The mean "
            f"imbalance itself falls to {float(means.sel(ratio=3.0)):.2g} at 3/L and is "
            f"{float(means.sel(ratio=3.9)):.2g} at 3.9/L.",
        ),
        judged(
            at_most("mean |‖x‖ − ‖y‖| with 3/L over that with 1/L", lost, 0.5),
            f"Steps of 3/L end at {lost:.2g} times the imbalance of steps of 1/L.",
        ),
    )


def draw(data: Data) -> Figure:
    """The imbalance at the end of every start, with the bound."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.2))
    panel, apart = axes[0, 0], gap(data["ends"])
    for ratio in apart["ratio"].values:
        values = apart.sel(ratio=ratio)
        panel.plot(np.full(values.size, ratio), values, "o", ms=3, color=eq.plots.PALETTE[0], alpha=0.5)
    line = np.linspace(1, 4, 100)
    panel.plot(line, bound(line), "--", color=eq.plots.PALETTE[1], label="largest that is stable, √(2/η − 2)")
    panel.set(xlabel="step size times L at the start", ylabel="|‖x‖ − ‖y‖| at the end", ylim=(0, 8.8))
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="balancing",
    shares="convergence",
    source="Abstract; the bound in the authors' account of July 2022",
    statement="Every minimum at which gradient descent ends has η(‖x‖² + ‖y‖²) ≤ 2, so that |‖x‖ − ‖y‖| ≤ √(2/η − 2) "
    "for ‖M‖ = 1. Steps up to 1.9/L keep the imbalance of the start, steps of 3/L lose more than three quarters of "
    "it. Beyond 3/L the bound falls on, but the mean imbalance hardly does.",
    printed=Printed(
        "If gradient descent with large steps converges, then the norms of X and Y at the limit are close although "
        "those of the start were not, within a bound that decreases with the step size.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"The runs of the claim convergence: {FULL_STARTS} starts (quick: {STARTS}), {STEPS} steps. The bound "
    "2/η on ‖x‖² + ‖y‖² is what linear stability of the minimum asks for. Of the paper we could read the abstract and "
    "the first pages alone, beside the authors' own account.",
)
