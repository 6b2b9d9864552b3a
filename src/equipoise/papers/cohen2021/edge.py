"""edge: gradient descent leaves what gradient flow keeps, in proportion to the step size.

A stand-in that runs and holds: put a statement of the paper in its place.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.cohen2021.shared.seeds import Offset
from equipoise.papers.machinery.check import Check, Data, at_least, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged

STEP_SIZES, TIME = (0.005, 0.01), 2.0
"""Each step size is half of the next, and all runs take the same time ηt."""


def run(quick: bool, seed: int) -> Data:
    """Gradient descent from the same starts with both step sizes."""
    problem = eq.problems.planted((6, 5), rank=1)
    ends = []
    for size in STEP_SIZES:
        steps = round(TIME / size)
        found = eq.simulate(
            problem,
            eq.dynamics.GradientDescent(size),
            eq.initial.Gaussian(0.5),
            seed=further_seed(seed, Offset.STARTS),
            replicates=20 if quick else 200,
            steps=steps,
            record=eq.Record(steps, ("balance",)),
            progress=False,
        ).dataset
        difference = found["norm_x"] ** 2 - found["norm_y"] ** 2
        drift = abs(difference.isel(step=-1) - difference.isel(step=0))
        ends.append(drift)
    about = {"long_name": "drift of ‖X‖² − ‖Y‖²", "units": "[M]"}
    sizes = xr.DataArray(list(STEP_SIZES), dims="step_size", name="step_size")
    return {"drift": xr.Dataset({"drift": xr.concat(ends, sizes).assign_attrs(about)})}


def ratio(data: Data) -> float:
    """The median drift with the longer steps over that with the shorter ones."""
    short, long = data["drift"]["drift"].median("replicate", skipna=False).values
    return float(long / short)


def check(data: Data) -> list[Check]:
    """The drift is there, and doubles with the step size."""
    median = data["drift"]["drift"].median(skipna=False)
    return [
        at_least("median drift", median, 1e-6),
        near("drift with 2η over that with η", ratio(data), 2.0, 0.2),
    ]


def judge(data: Data) -> Judgement:
    """The verdict on what is printed, by one number."""
    found = ratio(data)
    return judged(
        near("drift with 2η over that with η", found, 2.0, 0.2),
        f"With twice the step size the drift is {found:.3g} times as large.",
    )


def draw(data: Data) -> Figure:
    """The drift of every path against the step size."""
    figure, axes = eq.plots.new_figure(panel=(4.0, 3.0))
    panel, drift = axes[0, 0], data["drift"]["drift"]
    for number, size in enumerate(STEP_SIZES):
        values = drift.sel(step_size=size)
        places = np.full(values.size, size)
        panel.plot(places, values, "o", color=eq.plots.PALETTE[number])
    panel.set(xlabel="step size η", ylabel="drift of ‖X‖² − ‖Y‖²")
    panel.set(xscale="log", yscale="log")
    return figure


CLAIM = Claim(
    id="edge",
    source="Where it stands in the paper",
    statement="Gradient descent leaves ‖X‖² − ‖Y‖², which gradient flow keeps, and "
    "over a fixed time its drift is proportional to the step size.",
    printed=Printed("What the paper prints, in your words.", judge),
    run=run,
    check=check,
    draw=draw,
    choices="A 6 x 5 matrix of rank 1; starts of standard deviation 0.5; time 2.",
)
