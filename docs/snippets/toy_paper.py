"""A paper with one claim: what runs, what is checked, and what is drawn."""

from pathlib import Path

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.papers import Claim, Paper, Printed, at_least, at_most, judged

STEP_SIZES = [0.05, 0.2, 0.4, 0.8]


def run(quick, seed):
    """Where gradient descent ends from large starts, for each step size."""
    problem = eq.problems.planted((5, 5), rank=1)
    ends = []
    for step_size in STEP_SIZES:
        found = eq.simulate(
            problem,
            eq.dynamics.GradientDescent(step_size),
            eq.initial.Gaussian(0.7),
            seed=seed,
            replicates=20 if quick else 200,
            steps=1_500,
            record=eq.Record(1_500, ("loss", "sharpness")),
        )
        ends.append(found.dataset.isel(step=-1))
    sizes = xr.DataArray(STEP_SIZES, dims="step_size", name="step_size")
    return {"ends": xr.concat(ends, sizes, combine_attrs="override")}


def scaled(ends):
    """ηλmax/2 at the minima that were found; NaN where none was."""
    found = ends["loss"] < 1e-12
    return (ends["step_size"] * ends["sharpness"] / 2).where(found)


def check(data):
    """No minimum is sharper than 2/η, though much sharper ones exist."""
    ratio = scaled(data["ends"])
    small, medium = (ratio.sel(step_size=size) for size in (0.05, 0.4))
    return [
        at_most("largest ηλmax/2 at a minimum", ratio.max(), 1.0),
        at_least("share that ends, η = 0.05", small.notnull().mean(), 0.8),
        at_least("largest ηλmax/2, η = 0.4", medium.max(), 0.45),
        at_least("largest λmax, η = 0.05", small.max() * 2 / 0.05, 2.5),
    ]


def judge(data):
    """The verdict on what the paper prints, by one number."""
    largest = scaled(data["ends"]).max()
    return judged(
        at_most("largest ηλmax/2 at a minimum", largest, 1.0),
        f"The sharpest minimum found has ηλmax/2 = {float(largest):.2f}.",
    )


def draw(data):
    """The sharpness of each minimum against the step size, and 2/η."""
    figure, axes = eq.plots.new_figure(panel=(4.0, 3.0))
    panel, ends = axes[0, 0], data["ends"]
    sharpness = 2 * scaled(ends) / ends["step_size"]
    for number, size in enumerate(STEP_SIZES):
        places = np.full(ends.sizes["replicate"], size)
        values = sharpness.sel(step_size=size)
        panel.plot(places, values, "o", color=eq.plots.PALETTE[number])
    grid = np.linspace(0.04, 1, 200)
    panel.plot(grid, 2 / grid, "k--", label="2/η")
    panel.set(xlabel="step size η", ylabel="sharpness", ylim=(0, 12))
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="proposition1",
    source="Proposition 1, Section 2",
    statement="Gradient descent with step size η ends at no minimum whose "
    "sharpness is above 2/η, and at some that come near it.",
    printed=Printed("No limit is sharper than 2/η.", judge),
    run=run,
    check=check,
    draw=draw,
    choices="A 5 x 5 matrix of rank 1; starts of standard deviation 0.7.",
    false_alarm="Quick form: 0 of 8 fresh seeds fail.",
)
PAPER = Paper(
    id="toy2026",
    title="A toy paper",
    authors="A. Nobody",
    year=2026,
    where="the documentation",
    claims=(CLAIM,),
)

report = eq.papers.reproduce(PAPER, quick=True, out=Path("out"))
assert report.holds
for name in ("data/proposition1.ends.nc", "claims.json", "index.html"):
    assert Path("out", name).is_file()

# false alarms: how often the checks fail over fresh seeds
fresh = [check(run(quick=True, seed=10_000 * i)) for i in range(1, 9)]
assert sum(not each.holds for checks in fresh for each in checks) == 0

# and the checks can fail: minima half as sharp again would be too sharp
data = run(quick=True, seed=0)["ends"]
wrong = data.assign(sharpness=1.5 * data["sharpness"])
assert not check({"ends": wrong})[0].holds
