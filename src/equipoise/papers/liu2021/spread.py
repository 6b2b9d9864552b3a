"""Figures 2 and 3: the heights of the boxes of Perturbed GD, predicted by the stationary law."""

import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.bands import draw_bands
from equipoise.papers.liu2021.shared.boxes import Panel, panels
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import instance
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, undecided

WITHIN = 0.05
"""How near, relatively, the simulated standard deviation must be to the predicted one."""
EVERY, LOOKS = 2000, 4
"""Between two looks the fluctuation forgets all but 5 % of itself, or 13 % with uneven steps."""
BOXES = {"a1": ("a", 1), "c1": ("c", 1), "g1": ("g", 1), "a10": ("a", 10)}
NAMES = {"a1": "figure 2 (a)", "c1": "figure 2 (c)", "g1": "figure 2 (g)", "a10": "figure 3 (a)"}


def run(quick: bool, seed: int) -> Data:
    """An ensemble of each setting from its smoothed minimum, and the prediction beside it."""
    numbers = {1: 100, 10: 40} if quick else {1: 4000, 10: 1000}
    known = {panel.letter: panel for panel in panels()}
    return {
        name: _ran(known[letter], rank, numbers[rank], further_seed(seed, Offset.SPREAD, number))
        for number, (name, (letter, rank)) in enumerate(BOXES.items())
    }


def _ran(panel: Panel, rank: int, replicates: int, seed: int) -> xr.Dataset:
    """The balance at some looks, after the fluctuations have become stationary."""
    problem = instance(rank)
    law = eq.theory.stationary_law(problem, panel.dynamics)
    minimum = eq.theory.smoothed_minimum(problem.with_signal().known_signal(), panel.dynamics.noise, problem.shapes)
    run = eq.simulate(
        problem,
        panel.dynamics,
        eq.initial.Given(minimum),
        seed=seed,
        steps=EVERY * LOOKS,
        replicates=replicates,
        record=eq.Record(EVERY, ("balance",)),
        progress=False,
    )
    data = run.dataset[["balance"]].isel(step=slice(1, None)).assign_attrs(run.dataset.attrs)
    return data.assign_attrs(predicted=law.balance, predicted_std=law.balance_std, label=panel.label, rank=rank)


def check(data: Data) -> list[Check]:
    """Centre and spread of each box are as predicted; with few paths their standard error is allowed on top."""
    checks = []
    for name, found in data.items():
        std, count = found.attrs["predicted_std"], found["balance"].size
        # of a standard deviation the relative standard error is 1/√(2n), and 5 of them are hardly ever reached
        extra = 5 / (2 * count) ** 0.5 if count < 4000 else 0.0
        measured = float(found["balance"].std("replicate", skipna=False).mean())
        checks.append(near(f"{NAMES[name]}: spread over the predicted one", measured / std, 1.0, WITHIN + extra))
        off = abs(float(found["balance"].mean(skipna=False)) - found.attrs["predicted"])
        checks.append(at_most(f"{NAMES[name]}: error of the mean in predicted spreads", off / std, 0.1 + extra))
    return checks


def judge(data: Data) -> Judgement:
    """The paper draws boxes and prints no spread."""
    found = data["a1"]
    spread = float(found["balance"].std("replicate").mean())
    return undecided(
        "standard deviation of the balance in figure 2 (a)",
        spread,
        f"The paper draws the boxes and prints no spread; in figure 2 (a) it is {spread:.4f}, and the stationary law "
        f"gives {found.attrs['predicted_std']:.4f}.",
    )


def draw(data: Data) -> Figure:
    """Boxes of balance over predicted balance, with the predicted quartiles and two standard deviations as bands."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(5.6, 3.4))
    label = {"long_name": "balance over the predicted one", "units": "1"}
    shown = {
        f"{NAMES[name]}, {found.attrs['label']}": (found["balance"] / found.attrs["predicted"])
        .drop_attrs()
        .assign_attrs(label)
        for name, found in data.items()
    }
    eq.plots.draw_boxes(axes[0, 0], shown, points=False)
    draw_bands(axes[0, 0], [(1.0, found.attrs["predicted_std"] / found.attrs["predicted"]) for found in data.values()])
    return figure


CLAIM = Claim(
    id="spread",
    shares="theorem1",
    source="Figures 2 (a), (c), (g) and 3 (a); the prediction is ours",
    statement="The height of the boxes follows from the stationary law of Perturbed GD, linearized at the smoothed "
    "minimum: the standard deviation of the balance is within 5 % of the predicted one, and its mean within a tenth of "
    "it.",
    printed=Printed("The balance of Perturbed GD scatters around γ, shown as box plots without numbers.", judge),
    run=run,
    check=check,
    draw=draw,
    choices="4000 replicates at rank 1 and 1000 at rank 10 (quick: 100 and 40), started at the smoothed minimum, each "
    f"seen {LOOKS} times, every {EVERY} steps. The quick form allows 5 standard errors on top of the 5 %.",
)
