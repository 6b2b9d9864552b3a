"""Two layers: the limit of β = u² − v² from the size α minimizes Q_α, between ‖β‖₂ and ‖β‖₁."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged
from equipoise.papers.woodworth2020.shared.potential import minimizers
from equipoise.papers.woodworth2020.shared.regression import Regression, descended, regression

ALPHAS = (2.0, 0.6, 0.2)
"""The starts that gradient descent is run from."""

AWAY = 0.003
"""How far an end may be from the minimizer; slow directions of some instances have not come to their end."""

GRID = np.geomspace(10.0, 1e-40, 103)
STEPS = 40_000


def run(quick: bool, seed: int) -> Data:
    """The limits of gradient descent, the minimizers of Q_α for many α, and both extremes."""
    instance = regression(seed)
    steps = STEPS if quick else 5 * STEPS
    return {"descent": limits(instance, 2, ALPHAS, steps), "minimizers": course(instance, 2, GRID)}


def limits(instance: Regression, depth: int, alphas: tuple[float, ...], steps: int) -> xr.Dataset:
    """For each α where gradient descent ends: its loss, and its distance from the minimizer of Q_α."""
    ends, losses = zip(*(descended(instance, depth, alpha, steps) for alpha in alphas), strict=True)
    # on the way down from a large α, where the dual is easy
    fine = [np.geomspace(10.0, alpha, 20) for alpha in alphas]
    wanted = np.array([minimizers(instance, depth, grid)[-1] for grid in fine])
    away = np.linalg.norm(np.array(ends) - wanted, axis=1) / np.linalg.norm(wanted, axis=1)
    return xr.Dataset(
        {
            "beta": (("alpha", "coordinate"), np.array(ends), {"long_name": "β at the end", "units": "[β]"}),
            "away": ("alpha", away, {"long_name": "distance from the minimizer of Q_α", "units": "1"}),
            "loss": ("alpha", list(losses), {"long_name": "loss at the end", "units": "[y]²"}),
        },
        {"alpha": ("alpha", list(alphas), {"long_name": "size α of the start", "units": "1"})},
    )


def course(instance: Regression, depth: int, alphas: np.ndarray) -> xr.Dataset:
    """The minimizers of Q_α: their ‖β‖₁ over the least, less 1, and their distance from the least squares."""
    beta = minimizers(instance, depth, alphas)
    squares, least = instance.least_squares, np.abs(instance.least_sum).sum()
    away = np.linalg.norm(beta - squares, axis=1) / np.linalg.norm(squares)
    slacks = instance.slacks
    return xr.Dataset(
        {
            "excess": ("alpha", np.abs(beta).sum(axis=1) / least - 1, {"long_name": "‖β‖₁/min − 1", "units": "1"}),
            "small": ("alpha", instance.excess(beta), {"long_name": "Σ slackᵢ|βᵢ|/min", "units": "1"}),
            "away": ("alpha", away, {"long_name": "distance from the least ‖β‖₂", "units": "1"}),
        },
        {"alpha": ("alpha", alphas, {"long_name": "size α of the start", "units": "1"})},
        {
            "slack": float(slacks[slacks > 0].min()),
            "of_least_squares": float(np.abs(squares).sum() / least - 1),
            "least": float(least),
        },
    )


def check(data: Data) -> list[Check]:
    """The limits are the minimizers, and these lead from the least ‖β‖₂ to the least ‖β‖₁."""
    descent, found = data["descent"], data["minimizers"]
    return [
        at_most("gradient descent: largest loss at the end", largest(descent["loss"]), 1e-8),
        at_most("gradient descent: largest distance from the minimizer of Q_α", largest(descent["away"]), AWAY),
        at_most("α = 10: distance from the least ‖β‖₂", found["away"][0], 1e-4),
        at_least("least ‖β‖₂: ‖β‖₁/min − 1", found.attrs["of_least_squares"], 0.02),
        at_most("α = 1e-40: Σ slackᵢ|βᵢ|/min, the excess of ‖β‖₁", found["small"][-1], 1e-4),
        at_most("largest rise of ‖β‖₁ as α shrinks, over the least", largest(found["excess"].diff("alpha")), 1e-3),
    ]


def judge(data: Data) -> Judgement:
    """Whether descent ends at the minimizers, and these at the two norms."""
    away = largest(data["descent"]["away"])
    kernel, rich = float(data["minimizers"]["away"][0]), float(data["minimizers"]["small"][-1])
    return jointly(
        judged(
            at_most("gradient descent: largest distance from the minimizer of Q_α", away, AWAY),
            f"Gradient descent ends at most {away:.1g} from the minimizer of Q_α, relative.",
        ),
        judged(
            at_most("α = 10: distance from the least ‖β‖₂", kernel, 1e-4),
            f"At α = 10 the minimizer is {kernel:.1g} from the least ‖β‖₂.",
        ),
        judged(
            at_most("α = 1e-40: excess of ‖β‖₁", rich, 1e-4),
            f"At α = 1e-40 its ‖β‖₁ is {rich:.1g} above the least.",
        ),
    )


def draw(data: Data) -> Figure:
    """‖β‖₁ over the least against α, and the entries of β at the ends of gradient descent."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.2))
    left, right = axes[0]
    found, descent = data["minimizers"], data["descent"]
    shown = found["alpha"] > 1e-6
    left.semilogx(
        found["alpha"][shown], 1 + found["excess"][shown], color=eq.plots.PALETTE[0], label="minimizer of Q_α"
    )
    least = abs(descent["beta"]).sum("coordinate") / found.attrs["least"]
    left.semilogx(descent["alpha"], least, "o", color=eq.plots.PALETTE[1], label="gradient descent")
    left.axhline(1 + found.attrs["of_least_squares"], ls=":", color="0.4", label="least ‖β‖₂")
    left.set(xlabel="size α of the start", ylabel="‖β‖₁ over the least")
    eq.plots.add_legend(left)
    for number, alpha in enumerate(descent["alpha"].values):
        right.plot(
            descent["beta"].sel(alpha=alpha), "o-", lw=0.8, color=eq.plots.PALETTE[number], label=f"α = {alpha:g}"
        )
    right.set(xlabel="coordinate", ylabel="β at the end")
    eq.plots.add_legend(right)
    return figure


CLAIM = Claim(
    id="twolayers",
    source="Theorem 1 (β = u² − v²)",
    statement="From u = v = α, gradient descent on ½‖X(u² − v²) − y‖² ends at the one β with Xβ = y that minimizes "
    "Q_α(β) = α² Σ q(βᵢ/α²), q(z) = 2 − √(4 + z²) + z arcsinh(z/2): for large α at the least ‖β‖₂, for small α at the "
    "least ‖β‖₁.",
    printed=Printed(
        "If gradient flow from the size α fits, its limit minimizes Q_α; as α grows this becomes the least ‖β‖₂ "
        "(kernel regime), as α vanishes the least ‖β‖₁ (rich regime).",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="6 points, 15 coordinates, normal entries, targets of length 1. The minimizers of Q_α are found apart "
    "from the descent, by Newton's method on the dual. An instance whose least ‖β‖₁ is nearly not unique (a slack "
    "below 0.1) is drawn again: there even α = 1e-40 is not small. 40 000 short steps (full: 200 000).",
)
