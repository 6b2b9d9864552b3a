"""Balance: minibatches take u² − w² to 0, at the rate of the squared slope of the points."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.ziyin2024.shared.regression import EVERY, POINTS, STEP_SIZE, STEPS, regressed
from equipoise.papers.ziyin2024.shared.seeds import Offset

BATCHES = (1, 5, POINTS)
"""The last is gradient descent on all points."""

REPLICATES, FULL_REPLICATES = 16, 200


def run(quick: bool, seed: int) -> Data:
    """Ensembles for each size of a batch."""
    rows = []
    for number, size in enumerate(BATCHES):
        method = eq.dynamics.Minibatch(eq.dynamics.GradientDescent(STEP_SIZE), size)
        own = further_seed(seed, Offset.BALANCE, number)
        rows.append(
            regressed(method, REPLICATES if quick else FULL_REPLICATES, seed, own).mean("replicate", skipna=False)
        )
    batches = xr.Variable("batch", list(BATCHES), {"long_name": "data points in a batch", "units": "1"})
    paths = xr.concat(rows, batches).drop_attrs(deep=False)
    paths["difference"].attrs = {"long_name": "mean of u² − w² over that at the start", "units": "1"}
    paths["slope"].attrs = {"long_name": "mean squared slope of a point", "units": "1"}
    return {"paths": paths}


def rate(data: Data, size: int) -> float:
    """−ln of what is left of u² − w² at the end, by step."""
    return float(-np.log(data["paths"]["difference"].sel(batch=size)[-1]) / STEPS)


def predicted(data: Data) -> np.ndarray:
    """exp(−η² Σ E gᵢ²) along the run with single points."""
    slopes = data["paths"]["slope"].sel(batch=1).values
    total = np.concatenate([[0.0], np.cumsum((slopes[1:] + slopes[:-1]) / 2)]) * EVERY
    return np.asarray(np.exp(-(STEP_SIZE**2) * total))


def check(data: Data) -> list[Check]:
    """The law holds for single points; larger batches balance more slowly by their variance, all points do not."""
    single = data["paths"]["difference"].sel(batch=1)
    share = (POINTS - BATCHES[1]) / (POINTS - 1) / BATCHES[1]
    return [
        at_most("largest distance from exp(−η² Σ E gᵢ²)", largest(abs(single - predicted(data))), 0.02),
        at_most("single points: what is left of u² − w²", single[-1], 0.8),
        near("batches of 5: rate over that of single points", rate(data, BATCHES[1]) / rate(data, 1), share, 0.04),
        at_least("all points: what is left of u² − w²", data["paths"]["difference"].sel(batch=POINTS)[-1], 0.99),
    ]


def judge(data: Data) -> Judgement:
    """Minibatches must balance what gradient descent does not."""
    left, kept = (float(data["paths"]["difference"].sel(batch=size)[-1]) for size in (1, POINTS))
    return judged(
        at_most("what single points leave of u² − w² over what all points leave", left / kept, 0.7),
        f"After {STEPS} steps on single points {left:.3g} of u² − w² is left, on all points {kept:.4g}.",
    )


def draw(data: Data) -> Figure:
    """What is left of u² − w² along the runs, with the law."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.0))
    panel, paths = axes[0, 0], data["paths"]["difference"]
    for number, size in enumerate(BATCHES):
        path = paths.sel(batch=size)
        panel.plot(path["step"], path, color=eq.plots.PALETTE[number], label=f"batches of {size}")
    panel.plot(paths["step"], predicted(data), "k:", lw=1.5, label="law for single points")
    panel.set(xlabel="steps", ylabel="u² − w² over the start", ylim=(0, 1.05))
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="balance",
    source="arXiv:2308.06671, abstract, its law of balance for one-dimensional u and w",
    statement="A step on a point i multiplies u² − w² by 1 − η²gᵢ², with gᵢ the slope of its loss in uw. So on average "
    "it falls as exp(−η² Σ E gᵢ²), more slowly on batches by their variance, and hardly at all on all points.",
    printed=Printed(
        "The minibatch noise of stochastic gradient descent takes the solution toward a balanced one wherever the loss "
        "has a rescaling symmetry.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"½(uwx − y)² on {POINTS} points, from (u, w) = (2, ½), η = {STEP_SIZE:g}, {STEPS} steps; "
    f"{FULL_REPLICATES} replicates (quick: {REPLICATES}). Batches without replacement. Of the papers we could read the "
    "abstracts and beginnings, and reviews; a reviewer asks what the law says where the variance depends on u and w.",
)
