"""Rectangular: where a matrix is not square, the noise decides for another balance than 1."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.li2024.shared.noisy import noisy_run, sharpness_aware
from equipoise.papers.li2024.shared.seeds import Offset
from equipoise.papers.machinery.check import Check, Data, at_least, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SHAPE, STD, RADIUS, STEPS = (32, 8), 1.0, 0.05, 8000
STARTS = (0.5, 1.0, 3.0)
REPLICATES, FULL_REPLICATES = 10, 100
END = (SHAPE[0] / SHAPE[1]) ** 0.5
"""√(d₁/d₂), where d₁‖y‖² = d₂‖x‖²."""


def run(quick: bool, seed: int) -> Data:
    """The mean balance along sharpness-aware runs from three balances."""
    count, rows = REPLICATES if quick else FULL_REPLICATES, []
    for number, balance in enumerate(STARTS):
        own = further_seed(seed, Offset.RECTANGULAR, number)
        found = noisy_run(SHAPE, sharpness_aware(RADIUS), STD, balance, steps=STEPS, replicates=count, seed=own)
        rows.append(found[["balance"]].mean("replicate", skipna=False).drop_attrs(deep=False))
    about = {"long_name": "balance of the start", "units": "1"}
    paths = xr.concat(rows, xr.Variable("start", list(STARTS), about))
    paths["balance"].attrs.update(long_name="mean balance ‖x‖/‖y‖", units="1")
    return {"paths": paths}


def _ends(data: Data) -> np.ndarray:
    """The mean balance over the last quarter of the steps, from each start."""
    late = data["paths"]["balance"].sel(step=slice(0.75 * STEPS, None))
    return np.asarray(late.mean("step", skipna=False).values)


def check(data: Data) -> list[Check]:
    """From all starts the balance becomes √(d₁/d₂), also from 1."""
    ends = _ends(data)
    return [
        *(near(f"from balance {s:g}: balance at the end", e, END, 0.15) for s, e in zip(STARTS, ends, strict=True)),
        at_least("from balance 1: distance from 1 at the end", abs(ends[1] - 1), 0.5),
    ]


def judge(data: Data) -> Judgement:
    """Whether factors that begin balanced stay balanced."""
    end = float(_ends(data)[1])
    return judged(
        near("from balance 1: balance at the end", end, 1.0, 0.1),
        f"On a {SHAPE[0]} x {SHAPE[1]} matrix factors that begin with balance 1 end with balance {end:.3g}.",
    )


def draw(data: Data) -> Figure:
    """The mean balance along the runs."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.0))
    panel, paths = axes[0, 0], data["paths"]["balance"]
    for number, start in enumerate(STARTS):
        path = paths.sel(start=start)
        panel.semilogy(path["step"], path, color=eq.plots.PALETTE[number], label=f"from {start:g}")
    panel.axhline(END, color="gray", ls="--", lw=1)
    panel.set(xlabel="steps; dashed: √(d₁/d₂)", ylabel="mean balance ‖x‖/‖y‖")
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="rectangular",
    source="Abstract, finding i), for matrices that are not square; ours",
    statement="Where noise on the entries makes up the gradients, ‖∇ₓf‖² = s²d₁‖y‖² and ‖∇_yf‖² = s²d₂‖x‖² on average. "
    "So sharpness-aware steps balance the gradients and end at ‖x‖/‖y‖ = √(d₁/d₂), and take balanced factors of a "
    "rectangular matrix out of balance.",
    printed=Printed("Sharpness-aware minimization promotes balancedness, ‖x‖² − ‖y‖² near 0.", judge),
    run=run,
    check=check,
    draw=draw,
    choices=f"A {SHAPE[0]} x {SHAPE[1]} matrix of rank 1 and norm 1 with noise of standard deviation {STD:g} on each "
    f"entry; η = 0.002, ρ = {RADIUS:g}; {FULL_REPLICATES} replicates (quick: {REPLICATES}), {STEPS} steps. The paper's "
    "theorem may bound the gradients rather than the norms; of it we could read the abstract and the beginning alone.",
)
