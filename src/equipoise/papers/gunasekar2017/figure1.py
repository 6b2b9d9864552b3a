"""Figure 1: how well the matrix is recovered, by width, start and choice of steps."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from equipoise.papers.gunasekar2017.shared.reconstruction import METHODS, PANELS, SMALL, solutions
from equipoise.papers.gunasekar2017.shared.widths import CHOICES, at_full_width, below, draw_by_width
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

ZERO, GOOD, NARROW = 0.01, 0.75, 0.05
"""How we read zero and near zero, of what is drawn up to 0.8, and a good error, as a part of that of X_gd."""


def run(quick: bool, seed: int) -> Data:
    """The solutions, which Figure 2 shows too."""
    return solutions(quick, seed)


def check(data: Data) -> list[Check]:
    """Small starts recover low rank or nuclear norm at widths that can hold it; others do not; nothing recovers (c)."""
    a, b, c = (data[panel] for panel in "abc")
    wide = a.sel(rule="small", width=slice(2, None))
    return [
        at_most("a: largest error of small starts, widths from 2", largest(wide["error"]), 0.01),
        at_most("a: largest training error of small starts, widths from 2", largest(wide["training"]), 0.01),
        at_least(
            "a: log₁₀ of the least error at width 1 over the largest from width 2",
            np.log10(smallest(a["error"].sel(width=1)) / largest(wide["error"])),
            1.0,
        ),
        at_most("a: largest error of the line search, widths from 2", largest(_widths(a, "search")["error"]), 0.01),
        at_least("a: error of large starts at full width", at_full_width(a, "large")["error"], 0.05),
        near(
            "a: error from the SVD of X_gd over that of X_gd",
            at_full_width(a, "svd")["error"] / a.attrs["projected_error"],
            1.0,
            0.05,
        ),
        at_least(
            "a: log₁₀ of the error of X_gd over that of small starts",
            np.log10(a.attrs["projected_error"] / at_full_width(a, "small")["error"]),
            1.0,
        ),
        at_most(
            "b: error of small starts over that of X_gd",
            at_full_width(b, "small")["error"] / b.attrs["projected_error"],
            0.9,
        ),
        at_least("b: training error of small starts at width 2", smallest(_small(b, 2)["training"]), 0.1),
        at_least("c: least error of any solution that fits", smallest(c["error"], c["training"] <= 0.01), 0.5),
    ]


def _small(panel: xr.Dataset, width: int) -> xr.Dataset:
    return panel.sel(rule="small", width=width)


def _widths(panel: xr.Dataset, method: str) -> xr.Dataset:
    return panel.sel(rule=method, width=slice(2, None))


def judge(data: Data) -> Judgement:
    """Whether the objective is zero from width 2 on, and (a) and (b) are reconstructed where X_gd is not."""
    panels = {name: data[name].sel(rule="small") for name in PANELS}
    left = {name: panel["training"].sel(width=slice(2, None)).max("start") ** 2 for name, panel in panels.items()}
    worst = max(left, key=lambda name: largest(left[name]))
    objective, width = largest(left[worst]), int(left[worst]["width"][int(left[worst].values.argmax())])
    errors = {name: float(at_full_width(data[name], "small")["error"]) for name in "ab"}
    ratios = {name: errors[name] / data[name].attrs["projected_error"] for name in "ab"}
    spread = max(float(panel["error"].isel(width=-1).std("start", ddof=1)) for panel in panels.values())
    return jointly(
        judged(
            at_most("largest training objective over ‖y‖² from width 2 on, small starts", objective, ZERO),
            f"The training objective over ‖y‖² is {objective:.2g} in ({worst}) at width {width}, its largest from 2 "
            f"on; zero is read as at most {ZERO:g}.",
        ),
        judged(
            at_most("larger error over that of X_gd in (a) and (b) at full width", max(ratios.values()), GOOD),
            f"The reconstruction error at full width is {errors['a']:.2g} in (a) and {errors['b']:.2g} in (b), "
            f"{ratios['a']:.2g} and {ratios['b']:.2g} of that of X_gd; good is read as at most {GOOD:g}.",
        ),
        judged(
            at_most("largest standard deviation of the error over starts at full width", spread, NARROW),
            f"The error's standard deviation over starts is at most {spread:.2g} at full width; near zero is read as "
            f"at most {NARROW:g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """Reconstruction errors, and in gray the training error of the small starts."""
    lines = {"projected_error": "X_gd, without factors"}
    figure = draw_by_width(data, "error", tuple(METHODS), lines, "relative reconstruction error")
    for side, name in zip(figure.axes, PANELS, strict=True):
        training = data[name]["training"].sel(rule="small").mean("start")
        side.plot(data[name]["width"], training, color="0.6", lw=1, label=f"training error, ‖U₀‖ = {SMALL:g}")
    below(figure)
    return figure


CLAIM = Claim(
    id="figure1",
    source="Figure 1 (a-c), Section 2",
    statement="Gradient descent on UUᵀ from a small start recovers a matrix of low rank or low nuclear norm at every "
    "width that can hold it, up to the full one, where other global minima (from a large start, from the SVD of "
    "X_gd, or X_gd itself) do not; with m = nr/4 measurements nothing recovers it.",
    printed=Printed(
        "From a small start and with a small step the reconstruction is good in (a) and (b) even at full width, where "
        "X_gd is bad; error bars are near zero, and the training objective is zero for d ≥ 2 in all settings.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=CHOICES,
)
