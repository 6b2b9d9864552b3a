"""Theorem 2.2: between linear layers a whole matrix is conserved; across a ReLU only its diagonal is."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.du2018.shared.flows import QUICK_TOLERANCE, TOLERANCE, allowed, flow, instance, mixture, start
from equipoise.papers.du2018.shared.rates import relative_rates
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

NETWORKS = {"linear, then ReLU": ("linear", "ReLU"), "ReLU, then linear": ("ReLU", "linear"), "linear": ("linear",) * 2}
STD, TIME = (0.2, 0.3, 0.4), 4.0
ROUNDING = 1e-12
"""The largest relative derivative that is rounding."""


def run(quick: bool, seed: int) -> Data:
    """Both matrices of each network at the start and at the end of a flow, and their derivatives at random points."""
    data = {f"path{number}": _ends(names, seed, quick) for number, names in enumerate(NETWORKS.values())}
    named = [instance([name.lower() for name in names], seed) for names in NETWORKS.values()]
    rates = [
        relative_rates(problem, eq.observables.matrix_difference_entries, seed).max()
        for problem in named[: 1 if quick else 3]
    ]
    meaning = {"long_name": "largest derivative of an entry, relative to that of a layer's squared norm"}
    return {**data, "derivatives": xr.Dataset({"rate": ("network", rates, meaning)})}


def _ends(names: tuple[str, ...], seed: int, quick: bool) -> xr.Dataset:
    """W_h W_hᵀ and W_{h+1}ᵀ W_{h+1} for both pairs, at both ends."""
    problem = instance([mixture(name) for name in names], seed)
    theta = start(problem, STD, seed)
    ends = theta, flow(problem, theta, TIME, quick).theta
    variables: dict[str, Any] = {}
    for pair in (0, 1):
        axes = ("end", "replicate", f"row{pair + 1}", f"column{pair + 1}")
        into = [np.einsum("rij,rkj->rik", at[pair], at[pair]) for at in ends]
        out = [np.einsum("rji,rjk->rik", at[pair + 1], at[pair + 1]) for at in ends]
        variables[f"into{pair + 1}"] = axes, np.stack(into), {"long_name": f"W{pair + 1} W{pair + 1}ᵀ"}
        variables[f"out{pair + 1}"] = axes, np.stack(out), {"long_name": f"W{pair + 2}ᵀ W{pair + 2}"}
    variables["tolerance"] = QUICK_TOLERANCE if quick else TOLERANCE
    return xr.Dataset(variables, {"end": ["start", "end of the flow"]})


def _changes(ends: xr.Dataset, pair: int, part: str) -> np.ndarray:
    """The change of the difference, on or off its diagonal, relative to the whole W_h W_hᵀ, for each path."""
    into, out = (ends[f"{side}{pair}"].values for side in ("into", "out"))
    difference, whole = np.diff(into - out, axis=0)[0], np.diff(into, axis=0)[0]
    diagonal = np.eye(difference.shape[-1], dtype=bool)
    kept = np.where(diagonal if part == "diagonal" else ~diagonal, difference, 0.0)
    return np.linalg.norm(kept, axis=(1, 2)) / np.linalg.norm(whole, axis=(1, 2))


def check(data: Data) -> list[Check]:
    """The matrix is conserved if the activation is linear; across a ReLU its diagonal is, by Theorem 2.1."""
    checks = [at_most("largest d/dt of an entry, relative", largest(data["derivatives"]["rate"]), ROUNDING)]
    for number, (name, activations) in enumerate(NETWORKS.items()):
        for pair, activation in enumerate(activations, start=1):
            ends = data[f"path{number}"]
            about = f"layers {pair} and {pair + 1} of “{name}”"
            diagonal, other = _changes(ends, pair, "diagonal"), _changes(ends, pair, "off it")
            checks.append(at_most(f"largest relative change of the diagonal, {about}", diagonal.max(), allowed(ends)))
            if activation == "linear":
                checks.append(at_most(f"largest relative change off the diagonal, {about}", other.max(), allowed(ends)))
            else:
                checks.append(
                    at_least(f"log₁₀ of the median change off the diagonal, {about}", np.log10(np.median(other)), -1.0)
                )
    return checks


def judge(data: Data) -> Judgement:
    """Every entry stays where the activation is linear, in the derivative and along flows."""
    rate = largest(data["derivatives"]["rate"])
    changes = [
        _changes(data[f"path{number}"], pair, part).max()
        for number, activations in enumerate(NETWORKS.values())
        for pair, activation in enumerate(activations, start=1)
        for part in ("diagonal", "off it")
        if activation == "linear"
    ]
    off, explained = float(np.max(changes)), allowed(data["path0"])
    return jointly(
        judged(
            at_most("largest derivative of an entry, relative", rate, ROUNDING),
            f"The largest derivative of an entry is {rate:.1g} of that of a squared norm.",
        ),
        judged(
            at_most("largest relative change across a linear activation", off, explained),
            f"Across a linear activation the matrix changes by at most {off:.1g} along flows, and the solver's "
            f"tolerance explains {explained:.1g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """Both matrices of the network with a linear, then a ReLU layer, at the start and at the end, on one scale each."""
    figure, axes = eq.plots.new_figure(1, 4, panel=(2.5, 2.6))
    ends = data["path0"].isel(replicate=0)
    for pair in (1, 2):
        matrices = (ends[f"into{pair}"] - ends[f"out{pair}"]).values
        limit = abs(matrices).max()
        sides = axes[0, 2 * pair - 2 : 2 * pair]
        for side, matrix in zip(sides, matrices, strict=True):
            image = side.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit)
            side.set_xticks([])
            side.set_yticks([])
            side.grid(False)
        figure.colorbar(image, ax=list(sides), shrink=0.7)
    titles = [f"{name}, {end}" for name in ("linear between", "ReLU between") for end in ("start", "end")]
    eq.plots.label_panels(axes.flat, titles)
    return figure


CLAIM = Claim(
    id="theorem2.2",
    shares="theorem2.1",
    source="Theorem 2.2, Section 2.1",
    statement="If the activation between layers h and h + 1 is linear, gradient flow keeps the whole matrix "
    "W_h W_hᵀ − W_{h+1}ᵀ W_{h+1}, whatever the other activations are.",
    printed=Printed(
        "If the activation between two consecutive layers is linear, gradient flow keeps the matrix "
        "W_h W_hᵀ − W_{h+1}ᵀ W_{h+1}, whatever the rest of the network is.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="4 → 8 → 6 → 2 with a linear activation in the first place, in the second, and in both, the other a ReLU; "
    "data, starts and solver as for Theorem 2.1. That a ReLU keeps the diagonal alone is checked beside it.",
)
