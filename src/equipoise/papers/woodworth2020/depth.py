"""Depth: with β = uᴰ − vᴰ the same, and how much faster deeper ones come to the least ‖β‖₁ as α shrinks."""

import numpy as np
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged
from equipoise.papers.woodworth2020.shared.regression import regression
from equipoise.papers.woodworth2020.twolayers import AWAY, STEPS, course, limits

ALPHAS = {3: (2.0, 1.0, 0.5), 4: (2.0, 1.0, 0.8)}
"""The starts that gradient descent is run from, by D."""

GRIDS = {2: np.geomspace(10.0, 1e-40, 103), 3: np.geomspace(10.0, 1e-5, 61), 4: np.geomspace(10.0, 1e-3, 41)}
"""The α of the minimizers, by D; smaller ones are lost to rounding in 1 − s."""

COMMON = 1e-12
"""The size αᴰ of the function at the start at which depths are compared."""


def run(quick: bool, seed: int) -> Data:
    """Limits of gradient descent at depths 3 and 4, and minimizers at depths 2 to 4."""
    instance = regression(seed)
    steps = STEPS if quick else 5 * STEPS
    ends = {f"descent{depth}": limits(instance, depth, alphas, steps) for depth, alphas in ALPHAS.items()}
    return {**ends, **{f"minimizers{depth}": course(instance, depth, grid) for depth, grid in GRIDS.items()}}


def exponent(data: Data, depth: int) -> float:
    """The exponent of the excess in αᴰ over the last fifth of the α."""
    found = data[f"minimizers{depth}"]
    last = found.isel(alpha=slice(-found.sizes["alpha"] // 5, None))
    return float(np.polyfit(depth * np.log(last["alpha"]), np.log(last["small"]), 1)[0])


def common(data: Data, depth: int) -> float:
    """log₁₀ of the excess at αᴰ = 1e-12."""
    found = data[f"minimizers{depth}"]
    places = -depth * np.log10(found["alpha"].values)
    return float(np.interp(-np.log10(COMMON), places, np.log10(found["small"].values)))


def check(data: Data) -> list[Check]:
    """The limits are the minimizers; the exponent is the least slack at two layers and 1 beyond."""
    slack = data["minimizers2"].attrs["slack"]
    checks = []
    for depth in ALPHAS:
        away, loss = data[f"descent{depth}"]["away"], data[f"descent{depth}"]["loss"]
        checks += [
            at_most(f"D = {depth}: largest loss at the end", largest(loss), 1e-8),
            at_most(f"D = {depth}: largest distance from the minimizer of Q_α", largest(away), AWAY),
            at_most(
                f"D = {depth}: distance from the least ‖β‖₂ at α = 10", data[f"minimizers{depth}"]["away"][0], 1e-4
            ),
            near(f"D = {depth}: exponent of the excess in αᴰ", exponent(data, depth), 1.0, 0.05),
            at_most(
                f"D = {depth}: log₁₀ of the excess over that of D = 2, αᴰ = 1e-12",
                common(data, depth) - common(data, 2),
                -1.0,
            ),
        ]
    return [
        *checks,
        near("D = 2: exponent of the excess in α², less the least slack", exponent(data, 2) - slack, 0.0, 0.03),
    ]


def judge(data: Data) -> Judgement:
    """Whether deeper ones end at the minimizers too, and nearer to the least ‖β‖₁."""
    away = max(largest(data[f"descent{depth}"]["away"]) for depth in ALPHAS)
    gain = max(common(data, depth) - common(data, 2) for depth in ALPHAS)
    return jointly(
        judged(
            at_most("largest distance from the minimizer of Q_α", away, AWAY),
            f"Gradient descent ends at most {away:.1g} from the minimizer of Q_α, relative.",
        ),
        judged(
            at_most("log₁₀ of the excess over that of D = 2, αᴰ = 1e-12", gain, -1.0),
            f"At αᴰ = 1e-12 the excess of D = 3 and 4 is at least {10**-gain:.2g} times smaller than that of D = 2.",
        ),
    )


def draw(data: Data) -> Figure:
    """The excess of ‖β‖₁ against αᴰ, for each depth."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.3))
    panel = axes[0, 0]
    for number, depth in enumerate(GRIDS):
        found = data[f"minimizers{depth}"]
        found = found.where(found["alpha"] ** depth > 1e-20, drop=True)
        panel.plot(found["alpha"] ** depth, found["small"], color=eq.plots.PALETTE[number], label=f"D = {depth}")
    panel.set(xscale="log", yscale="log", xlabel="αᴰ, the size at the start", ylabel="‖β‖₁ over the least, less 1")
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="depth",
    source="Section on deeper models (β = uᴰ − vᴰ)",
    statement="At depths D = 3 and 4, too, gradient descent from u = v = α ends at the minimizer of a Q_α that leads "
    "from the least ‖β‖₂ to the least ‖β‖₁. As α vanishes the excess of ‖β‖₁ falls in proportion to αᴰ, whatever the "
    "instance; at D = 2 it falls only as α² to the power of the least slack of the dual.",
    printed=Printed(
        "For every D the limits go over from the least ‖β‖₂ to the least ‖β‖₁. The deeper the model, the quicker: at "
        "two layers α must be exponentially small to come near the least ‖β‖₁, beyond it need not.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="The instance of the two layers. The exponents are ours: off the support β is αᴰ times a constant if D > "
    "2, and α² to the power of its slack if D = 2. With a slack near 0 this is what is meant by exponentially small.",
    shares="twolayers",
)
