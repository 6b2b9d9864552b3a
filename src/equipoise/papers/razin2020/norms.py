"""Norms: with three entries of a 2 x 2 matrix known, the flow drives the fourth, and so every norm, to infinity."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged
from equipoise.papers.razin2020.shared.flows import TIMES, flows

REACHED = {2: 2.0, 3: 10.0, 4: 10.0}
"""What |W₁₁| reaches in the time of a run, by depth."""

LATER = 0.3
"""Exponents are fitted after this share of the time."""

SETTING = (
    "The starts are balanced, of a random direction with ‖W‖_F = 0.1: 8 for each depth and sign (full: 100). The "
    "flow is gradient descent with steps of 0.005 (full: 0.0025) over a time of 300 (full: 900) at depths 3 and 4, "
    "and of 20 at depth 2, where the smaller singular value soon falls to rounding, and its sign would be lost. What "
    "could be read of the paper: its abstract and introduction, the authors' summary, and their code."
)


def run(quick: bool, seed: int) -> Data:
    """The flow at depths 2 to 4, from starts of positive and of negative determinant."""
    return flows(quick, seed)


def unseen(flow: xr.Dataset) -> xr.DataArray:
    """|W₁₁|."""
    return abs(flow["product"].isel(row=0, column=0))


def exponent(flow: xr.Dataset) -> float:
    """The median over starts of the exponent of |W₁₁| in the loss, over the later part of the time."""
    late = flow.isel(time=slice(int(LATER * flow.sizes["time"]), None))
    pairs = zip(late["loss"].values, unseen(late).values, strict=True)
    return float(np.median([eq.analysis.power_law(x, y).exponent.estimate for x, y in pairs]))


def lower_bound(flow: xr.Dataset) -> xr.DataArray:
    """(1 − √(2ℓ))²/√(2ℓ), which |W₁₁| exceeds while det W > 0: W₁₁W₂₂ > W₁₂W₂₁, and each entry misfits by ≤ √(2ℓ)."""
    root = (2 * flow["loss"]) ** 0.5
    return (1 - root) ** 2 / root


def short_of(flow: xr.Dataset) -> float:
    """The least |W₁₁| over its lower bound, where the loss is below ½, so that the bound holds."""
    ratio = unseen(flow) / lower_bound(flow)
    return smallest(ratio, where=flow["loss"] < 0.3)


def check(data: Data) -> list[Check]:
    """The bound, the exponent, how far it gets; and that nothing of the kind happens from the other sign."""
    checks = []
    for depth in TIMES:
        flow, other = data[f"positive{depth}"], data[f"negative{depth}"]
        checks += [
            at_least(f"depth {depth}: least |W₁₁| over (1 − √(2ℓ))²/√(2ℓ)", short_of(flow), 1.0),
            at_least(f"depth {depth}: least |W₁₁| at the end", smallest(unseen(flow)[:, -1]), REACHED[depth]),
            at_most(f"depth {depth}, det < 0: median loss at the end", other["loss"][:, -1].median(skipna=False), 1e-6),
            at_most(
                f"depth {depth}, det < 0: median |W₁₁| at the end over that of det > 0",
                unseen(other)[:, -1].median(skipna=False) / unseen(flow)[:, -1].median(skipna=False),
                0.5,
            ),
        ]
    return [
        *checks,
        *(
            near(f"depth {n}: exponent of |W₁₁| in the loss", exponent(data[f"positive{n}"]), -0.5, 0.03)
            for n in (3, 4)
        ),
    ]


def judge(data: Data) -> Judgement:
    """Whether the norm grows as the loss falls, as fast as printed."""
    found = [exponent(data[f"positive{depth}"]) for depth in (3, 4)]
    least = min(short_of(data[f"positive{depth}"]) for depth in TIMES)
    return jointly(
        judged(
            at_least("least |W₁₁| over (1 − √(2ℓ))²/√(2ℓ)", least, 1.0),
            f"From a determinant above 0, |W₁₁| is never below {least:.3g} times its lower bound.",
        ),
        *(
            judged(
                near(f"depth {depth}: exponent of |W₁₁| in the loss", value, -0.5, 0.03),
                f"At depth {depth} |W₁₁| grows as the loss to the power {value:.3f}.",
            )
            for depth, value in zip((3, 4), found, strict=True)
        ),
    )


def draw(data: Data) -> Figure:
    """|W₁₁| against the loss for each depth, from both signs of the determinant."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.2), share_y=True)
    for side, name in zip(axes[0], ("positive", "negative"), strict=True):
        for number, depth in enumerate(TIMES):
            flow = data[f"{name}{depth}"]
            shown = flow["loss"].values > 1e-12
            for k in range(min(8, flow.sizes["replicate"])):
                label: dict[str, Any] = {"label": f"depth {depth}"} if k == 0 else {}
                values = unseen(flow).values[k][shown[k]]
                side.plot(flow["loss"].values[k][shown[k]], values, color=eq.plots.PALETTE[number], lw=0.9, **label)
        side.set(xscale="log", yscale="log", xlabel="loss ℓ")
        side.invert_xaxis()
    grid = np.geomspace(1e-4, 0.1, 50)
    axes[0, 0].plot(grid, (2 * grid) ** -0.5, "k--", label="(2ℓ)^−½")
    axes[0, 0].set_ylabel("|W₁₁|, the entry not seen")
    eq.plots.add_legend(axes[0, 0])
    eq.plots.label_panels(axes.flat, ["det W > 0 at the start", "det W < 0 at the start"])
    return figure


CLAIM = Claim(
    id="norms",
    source="Abstract; the analysis of the 2 x 2 problem",
    statement="Of a 2 x 2 matrix W₁₂ = W₂₁ = 1 and W₂₂ = 0 are known. From a balanced start with det W > 0 gradient "
    "flow on a product of two, three or four matrices takes the loss ℓ to 0 and |W₁₁| to infinity, above "
    "(1 − √(2ℓ))²/√(2ℓ) at all times and as ℓ^−½. From det W < 0 it ends at a matrix of ordinary size.",
    printed=Printed(
        "There are natural problems of matrix factorization on which the implicit regularization drives all norms and "
        "quasi-norms to infinity: as the inverse root of the loss, from any balanced start with det W > 0.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"{SETTING} That the growth is no faster than ℓ^−½ is measured, and not printed.",
)
