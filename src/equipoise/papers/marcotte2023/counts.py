"""Counts: random networks have as many independent laws as the formulas say, whatever their depth and widths."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged
from equipoise.papers.marcotte2023.shared.networks import gradient_of, published, shapes_of

KINDS = ("linear", "relu")
DEPTHS, WIDTHS, NETWORKS, QUICK_NETWORKS = (2, 4), (2, 5), 20, 4
QUICK_WIDTHS, QUICK_DEPTHS = (2, 3), (2, 3)
NARROW = (1, 5, 2)
"""A layer wider than inputs and outputs together, where forms depend on each other."""


def experiment(quick: bool, seed: int) -> Data:
    """Random networks of both kinds, the last with a narrow end: the laws found, and the published number."""
    count, depths, widths = (QUICK_NETWORKS, QUICK_DEPTHS, QUICK_WIDTHS) if quick else (NETWORKS, DEPTHS, WIDTHS)
    random = np.random.default_rng(seed)
    drawn = [
        tuple(random.integers(*widths, random.integers(*depths, endpoint=True) + 1, endpoint=True).tolist())
        for _ in range(count)
    ]
    drawn = [*drawn[:-1], NARROW]
    rows = [xr.concat([_counted(one, kind, seed) for one in drawn], "network") for kind in KINDS]
    return {"counts": xr.concat(rows, xr.Variable("kind", list(KINDS)))}


def _counted(widths: tuple[int, ...], kind: str, seed: int) -> xr.Dataset:
    laws = eq.theory.conservation_laws(gradient_of(widths, kind), shapes=shapes_of(widths), seed=seed)
    one = {"units": "1"}
    return xr.Dataset(
        {
            "parameters": ((), laws.parameters, {"long_name": "parameters", **one}),
            "found": ((), laws.independent, {"long_name": "independent laws found", **one}),
            "forms": ((), laws.dimension, {"long_name": "quadratic forms kept", **one}),
            "published": ((), published(widths, kind), {"long_name": "published number of laws", **one}),
            "residual": ((), laws.residual, {"long_name": "largest rate at fresh points", **one}),
            "gap": ((), laws.gap, {"long_name": "gap in the singular values", **one}),
        }
    )


def check(data: Data) -> list[Check]:
    """All counts are those published and clear, and the narrow layer has forms that are not independent."""
    counts = data["counts"]
    narrow = counts.isel(network=-1).sel(kind="linear")
    return [
        *(near(f"{kind}: networks with another count", _others(counts.sel(kind=kind)), 0, 0) for kind in KINDS),
        near("1–5–2, linear: independent laws", narrow["found"], 12, 0),
        near("1–5–2, linear: quadratic forms", narrow["forms"], 15, 0),
        at_most("largest rate of a law at fresh points and data", largest(counts["residual"]), 1e-11),
        at_least("log₁₀ of the least gap in the singular values", np.log10(smallest(counts["gap"])), 8),
    ]


def _others(counts: xr.Dataset) -> int:
    return int((counts["found"] != counts["published"]).sum())


def judge(data: Data) -> Judgement:
    """Whether every network has the published number of laws."""
    counts = data["counts"]
    others = _others(counts)
    return judged(
        near("networks with another count", others, 0, 0),
        f"Of {counts['found'].size} networks {others} have another number of independent quadratic laws.",
    )


def draw(data: Data) -> Figure:
    """The laws found against those published, of each network."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(4.2, 3.3))
    (panel,) = axes[0]
    for number, kind in enumerate(KINDS):
        counts = data["counts"].sel(kind=kind)
        panel.plot(
            counts["published"], counts["found"], "os"[number], mfc="none", color=eq.plots.PALETTE[number], label=kind
        )
    most = largest(data["counts"]["published"]) + 1
    panel.plot([0, most], [0, most], ":", color="gray", lw=1)
    panel.set_xlabel("published number of laws")
    panel.set_ylabel("independent laws found")
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="counts",
    source="Abstract, on the networks whose laws were counted",
    statement="Random linear and ReLU networks have as many independent quadratic laws as the published formulas say: "
    "one for each ReLU neuron, r(r + 1)/2 for r linear neurons between n inputs and m outputs, and fewer where "
    "n + m < r.",
    printed=Printed(
        "For networks of many depths and widths the known laws of linear and ReLU networks are all the independent "
        "laws there are.",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"{NETWORKS} networks of each kind, of depth {DEPTHS[0]} to {DEPTHS[1]} and widths {WIDTHS[0]} to "
    f"{WIDTHS[1]} (quick: {QUICK_NETWORKS}, smaller), the last of them 1–5–2; squared error on 8 random points. The "
    "paper counts laws of any kind by the Lie algebra of the Jacobian; here quadratic laws alone are looked for, so "
    "that laws of other kinds would be missed. We could read its abstract and introduction; the formula for n + m < r "
    "is from notes on it.",
)
