"""Momentum: the edge moves to where momentum is stable."""

import numpy as np
import optax
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.cohen2021.shared.chebyshev import SETTING, settled, trained
from equipoise.papers.machinery.check import Check, Data, at_least, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged

STEP_SIZE, DECAY, STEPS, LOOKS, NEAR = 0.15, 0.5, 10_000, 50, 0.05

EDGES = {
    "Polyak": (2 + 2 * DECAY) / STEP_SIZE,
    "Nesterov": (2 + 2 * DECAY) / (1 + 2 * DECAY) / STEP_SIZE,
}
"""The largest curvature at which momentum is stable: (2 + 2β)/η, and (2 + 2β)/((1 + 2β)η) for Nesterov's."""


def run(quick: bool, seed: int) -> Data:
    """Both kinds of momentum from the same starts."""
    runs = [
        trained(
            eq.dynamics.Optax(optax.trace(DECAY, nesterov=name == "Nesterov"), STEP_SIZE),
            seed,
            steps=STEPS,
            every=STEPS // LOOKS,
            count=4 if quick else 20,
            names=("loss", "sharpness"),
        )
        for name in EDGES
    ]
    kinds = xr.DataArray(list(EDGES), dims="kind", name="kind")
    return {"paths": xr.concat(runs, kinds, combine_attrs="override")}


def over(data: Data) -> xr.DataArray:
    """The sharpness over the edge of its kind, median over the starts of the mean over the last fifth."""
    edges = xr.DataArray(list(EDGES.values()), {"kind": list(EDGES)}, dims="kind")
    return settled(data["paths"]["sharpness"] / edges).median("replicate", skipna=False)


def check(data: Data) -> list[Check]:
    """Each kind ends at its own edge, and not at 2/η."""
    found = over(data)
    return [
        *(near(f"{name}: λ over its edge at the end", found.sel(kind=name), 1.0, NEAR) for name in EDGES),
        *(
            at_least(
                f"{name}: |log λη/2| at the end, the distance from 2/η",
                abs(np.log(found.sel(kind=name) * edge * STEP_SIZE / 2)),
                0.2,
            )
            for name, edge in EDGES.items()
        ),
    ]


def judge(data: Data) -> Judgement:
    """Whether both end at their edges."""
    found = over(data).values
    farthest = float(found[np.argmax(abs(found - 1))])
    return judged(
        near("λ over its edge at the end, farthest from 1", farthest, 1.0, NEAR),
        f"At the end λ over its edge is {found[0]:.3f} with Polyak's and {found[1]:.3f} with Nesterov's momentum.",
    )


def draw(data: Data) -> Figure:
    """The sharpness along all paths, and both edges."""
    figure, axes = eq.plots.new_figure(panel=(4.4, 3.2))
    panel = axes[0, 0]
    for number, (name, edge) in enumerate(EDGES.items()):
        paths, hue = data["paths"]["sharpness"].sel(kind=name), eq.plots.PALETTE[number]
        panel.plot(paths["step"], paths.isel(replicate=0), color=hue, lw=1, label=f"{name}, β = {DECAY:g}")
        panel.axhline(edge, color=hue, ls="--", lw=1)
    panel.axhline(2 / STEP_SIZE, color="0.5", ls=":", lw=1, label="2/η")
    panel.set(xlabel="step", ylabel="sharpness λ, and the edges")
    panel.locator_params(axis="x", nbins=4)
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="momentum",
    source="The part on momentum",
    statement="With momentum β the sharpness ends where momentum is stable on a quadratic: at (2 + 2β)/η with "
    "Polyak's, at (2 + 2β)/((1 + 2β)η) with Nesterov's.",
    printed=Printed(
        "With momentum, too, the sharpness rises to the largest value that is stable, (2 + 2β)/η for Polyak's and "
        "(2 + 2β)/((1 + 2β)η) for Nesterov's, and hovers there.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"{SETTING} η = 0.15, β = 0.5, 10 000 steps, 4 starts (full: 20).",
)
