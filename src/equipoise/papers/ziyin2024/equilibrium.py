"""Equilibrium: from all starts noise on the labels leads to one balance, where the noise of the gradients balances."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.ziyin2024.shared.seeds import Offset

SHAPES = ((12, 3), (6, 6))
STARTS = (0.5, 1.0, 4.0)
STD, STEP_SIZE, STEPS = 0.4, 0.05, 4000
REPLICATES, FULL_REPLICATES = 10, 100


def run(quick: bool, seed: int) -> Data:
    """The mean balance from each start, for a rectangular and a square matrix."""
    count, number = REPLICATES if quick else FULL_REPLICATES, 0
    by_shape = []
    for shape in SHAPES:
        rows = []
        for balance in STARTS:
            rows.append(_path(shape, balance, count, further_seed(seed, Offset.EQUILIBRIUM, number)))
            number += 1
        about = {"long_name": "balance of the start", "units": "1"}
        by_shape.append(xr.concat(rows, xr.Variable("start", list(STARTS), about)))
    paths = xr.concat(by_shape, xr.Variable("shape", [f"{d1} x {d2}" for d1, d2 in SHAPES]))
    return {"paths": paths.to_dataset(name="balance")}


def _path(shape: tuple[int, int], balance: float, count: int, seed: int) -> xr.DataArray:
    problem = eq.problems.planted(shape, 1, values=(1.0,), seed=0)
    start = eq.initial.Given(tuple(np.asarray(w) for w in eq.problems.signal_of(problem).factors(balance)))
    found = eq.simulate(
        problem,
        eq.dynamics.LabelNoise(eq.dynamics.GradientDescent(STEP_SIZE), STD),
        start,
        seed=seed,
        replicates=count,
        steps=STEPS,
        record=eq.Record(STEPS // 40, ("balance",)),
        progress=False,
    ).dataset["balance"]
    return found.mean("replicate", skipna=False).assign_attrs(long_name="mean balance ‖x‖/‖y‖", units="1")


def _ends(data: Data) -> np.ndarray:
    """The mean balance over the last quarter of the steps, by shape and start."""
    late = data["paths"]["balance"].sel(step=slice(0.75 * STEPS, None))
    return np.asarray(late.mean("step", skipna=False).transpose("shape", "start").values)


def check(data: Data) -> list[Check]:
    """Every start ends where d₁‖y‖² = d₂‖x‖²."""
    return [
        near(
            f"{d1} x {d2}, from {start:g}: balance over √(d₁/d₂)",
            end / eq.theory.label_noise_balance(d1, d2),
            1.0,
            0.05,
        )
        for (d1, d2), ends in zip(SHAPES, _ends(data), strict=True)
        for start, end in zip(STARTS, ends, strict=True)
    ]


def judge(data: Data) -> Judgement:
    """The ends from all starts must agree."""
    ends = _ends(data)
    spread = float((ends.max(axis=1) / ends.min(axis=1) - 1).max())
    return judged(
        at_most("largest relative difference of the ends from different starts", spread, 0.1),
        f"From balances of ½ to 4 the ends differ by at most {spread:.2g}; they are {ends[0].mean():.3g} for a 12 x 3 "
        f"and {ends[1].mean():.3g} for a 6 x 6 matrix.",
    )


def draw(data: Data) -> Figure:
    """The mean balance from each start."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(3.6, 3.0))
    for panel, (d1, d2), (name, paths) in zip(axes[0], SHAPES, data["paths"]["balance"].groupby("shape"), strict=True):
        del name
        for number, start in enumerate(STARTS):
            path = paths.squeeze("shape").sel(start=start)
            panel.semilogy(path["step"], path, color=eq.plots.PALETTE[number], label=f"from {start:g}")
        panel.axhline(eq.theory.label_noise_balance(d1, d2), color="gray", ls="--", lw=1)
        panel.set(xlabel="steps; dashed: √(d₁/d₂)", ylabel="mean balance ‖x‖/‖y‖", title=f"{d1} x {d2}")
    eq.plots.add_legend(axes[0][0])
    return figure


CLAIM = Claim(
    id="equilibrium",
    source="Abstract of arXiv:2402.07193: noise equilibria",
    statement="Noise on all labels of ½‖xyᵀ − M‖² changes ‖x‖² − ‖y‖² by η²s²(d₁‖y‖² − d₂‖x‖²) a step. From every "
    "start it ends where this is 0, at ‖x‖/‖y‖ = √(d₁/d₂): the noise of the two gradients balances, not the norms.",
    printed=Printed(
        "Gradient noise moves the parameters along the degenerate direction to a unique fixed point that does not "
        "depend on the start, where the noise contributions from different directions are balanced.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"Matrices of rank 1 and norm 1, 12 x 3 and 6 x 6, noise of standard deviation {STD:g} on each entry, "
    f"η = {STEP_SIZE:g}, {STEPS} steps from minima of balance ½, 1 and 4; {FULL_REPLICATES} replicates (quick: "
    f"{REPLICATES}). Of the paper we could read the abstract and the beginning alone.",
)
