"""Samples: how many points it takes to find a sparse β, by the size of the start."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.woodworth2020.shared.potential import minimizers
from equipoise.papers.woodworth2020.shared.regression import Regression
from equipoise.papers.woodworth2020.shared.seeds import Stream

SIZE, SPARSE, COUNTS = 60, 3, (10, 15, 20, 25, 30, 40, 50)
ALPHAS = (10.0, 1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-6)
FOUND = 0.025
"""A mean squared error, over that of 0, at which β counts as found."""


def run(quick: bool, seed: int) -> Data:
    """The errors of the minimizers of Q_α, by α and by the number of points."""
    draws, errors = (3 if quick else 30), []
    for number in range(draws):
        random = generator(seed, Stream.SPARSE, number)
        truth = np.zeros(SIZE)
        truth[random.choice(SIZE, SPARSE, replace=False)] = SPARSE**-0.5 * random.choice([-1, 1], SPARSE)
        inputs = random.standard_normal((max(COUNTS), SIZE))
        some = [Regression(inputs[:n] / n**0.5, inputs[:n] @ truth / n**0.5) for n in COUNTS]
        found = np.array([minimizers(each, 2, np.array(ALPHAS)) for each in some])
        errors.append(np.sum((found - truth) ** 2, axis=-1))
    about = {"long_name": "squared error over that of 0", "units": "1"}
    return {
        "errors": xr.Dataset(
            {"error": (("draw", "count", "alpha"), np.array(errors), about)},
            {
                "count": ("count", list(COUNTS), {"long_name": "points", "units": "1"}),
                "alpha": ("alpha", list(ALPHAS), {"long_name": "size α of the start", "units": "1"}),
            },
        )
    }


def needed(data: Data, alpha: float) -> int:
    """The least number of points from which on the median error is below 0.025; 60, all of them, if it never is."""
    error = data["errors"]["error"].sel(alpha=alpha).median("draw", skipna=False).values
    enough = [n for k, n in enumerate(COUNTS) if np.all(error[k:] <= FOUND)]
    return min(enough, default=SIZE)


def check(data: Data) -> list[Check]:
    """Small starts find it from few points, large ones do not even from five sixths of the coordinates."""
    median = data["errors"]["error"].median("draw", skipna=False)
    return [
        at_most("α = 1e-6: points needed", needed(data, 1e-6), 30),
        at_least("α = 10: points needed", needed(data, 10.0), 50),
        at_most("α = 1e-6: median error at 30 points", median.sel(alpha=1e-6, count=30), 0.01),
        at_least("α = 10: median error at 30 points", median.sel(alpha=10.0, count=30), 0.2),
    ]


def judge(data: Data) -> Judgement:
    """Whether the small start needs fewer points."""
    small, large = needed(data, 1e-6), needed(data, 10.0)
    return judged(
        at_least("points needed from α = 10 over those from α = 1e-6", large / small, 1.5),
        f"From α = 1e-6 it takes {small} points, from α = 10 it takes {large} or more.",
    )


def draw(data: Data) -> Figure:
    """The median error against the number of points, for each α."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.3))
    panel, error = axes[0, 0], data["errors"]["error"].median("draw")
    for number, alpha in enumerate((10.0, 0.3, 0.1, 0.01, 1e-6)):
        values = error.sel(alpha=alpha)
        panel.plot(values["count"], values, "o-", ms=3, color=eq.plots.PALETTE[number], label=f"α = {alpha:g}")
    panel.set(xlabel="points", ylabel="squared error over that of 0, median")
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="samples",
    source="Introduction and the figure on sparse regression",
    statement="Of 60 coordinates 3 are not 0. The limits from small α find β from 30 points or fewer, those from large "
    "α not even from 50.",
    printed=Printed(
        "How many points it takes to learn a sparse predictor depends on the size of the start: few in the rich "
        "regime, about as many as coordinates in the kernel regime.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="60 coordinates, 3 of them ± 1/√3, normal inputs, no noise; 3 draws (full: 30). The limits are the "
    "minimizers of Q_α at D = 2, which the claim on two layers holds against gradient descent.",
)
