"""Lost: how many laws of positions and velocities momentum leaves, for linear neurons and for ReLU."""

from collections.abc import Callable

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.machinery.check import Check, Data, at_least, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SHAPE, POINTS = (3, 2), 6
RANKS, QUICK_RANKS = (1, 2, 3), (1, 2)
KINDS = ("linear", "relu")

Arrays = tuple[np.ndarray, ...]


def slopes(kind: str) -> Callable[[Arrays, np.random.Generator], Arrays]:
    """The gradients of half the squared error of Y σ(Xᵀ input) by X and Y, on random data."""

    def gradient(theta: Arrays, random: np.random.Generator) -> Arrays:
        x, y = theta
        inputs, targets = (random.standard_normal((POINTS, d)) for d in SHAPE)
        before = inputs @ x
        hidden = before if kind == "linear" else np.maximum(before, 0)
        rest = hidden @ y.T - targets
        back = rest @ y * (1 if kind == "linear" else before > 0)
        return inputs.T @ back, rest.T @ hidden

    return gradient


def undamped(kind: str) -> Callable[[Arrays, np.random.Generator], Arrays]:
    """The field of θ̈ = −∇loss on (X, Y, Ẋ, Ẏ), with a minus sign, so that it takes the place of a gradient.

    e^{γt}h is kept with damping γ if h is kept without it and every term of h has one velocity.
    """
    gradient = slopes(kind)
    return lambda state, random: (-state[2], -state[3], *gradient(state[:2], random))


def experiment(quick: bool, seed: int) -> Data:
    """The numbers of quadratic laws, with gradient flow and with momentum, by kind and number of neurons."""
    ranks = QUICK_RANKS if quick else RANKS
    rows = [
        xr.concat([_counted(kind, rank, seed) for rank in ranks], xr.Variable("rank", list(ranks))) for kind in KINDS
    ]
    return {"laws": xr.concat(rows, xr.Variable("kind", list(KINDS)))}


def _counted(kind: str, rank: int, seed: int) -> xr.Dataset:
    shapes = [(d, rank) for d in SHAPE]
    flow = eq.theory.conservation_laws(slopes(kind), shapes=shapes, seed=seed)
    momentum = eq.theory.conservation_laws(undamped(kind), shapes=shapes * 2, seed=seed)
    one = {"units": "1"}
    return xr.Dataset(
        {
            "flow": ((), flow.dimension, {"long_name": "laws of gradient flow", **one}),
            "momentum": ((), momentum.dimension, {"long_name": "laws with momentum", **one}),
            "gap": ((), min(flow.gap, momentum.gap), {"long_name": "gap in the singular values", **one}),
        }
    )


def _off(data: Data, kind: str) -> int:
    """How far the counts with momentum are from r(r − 1)/2, or from 0 with ReLU."""
    laws = data["laws"].sel(kind=kind)
    rank = laws["rank"].values
    expected = rank * (rank - 1) // 2 if kind == "linear" else 0 * rank
    return int(np.abs(laws["momentum"].values - expected).sum())


def check(data: Data) -> list[Check]:
    """r(r − 1)/2 laws with momentum against r(r + 1)/2 without if linear; none against r with ReLU."""
    laws = data["laws"]
    rank = laws["rank"]
    flow = {"linear": rank * (rank + 1) // 2, "relu": rank}
    gaps = laws["gap"].values[np.isfinite(laws["gap"].values)]
    return [
        *(
            near(
                f"{kind}, gradient flow: laws too many or too few",
                abs(laws["flow"].sel(kind=kind) - flow[kind]).sum(),
                0,
                0,
            )
            for kind in KINDS
        ),
        *(near(f"{kind}, momentum: laws too many or too few", _off(data, kind), 0, 0) for kind in KINDS),
        at_least("log₁₀ of the least gap in the singular values", np.log10(gaps.min()), 6),
    ]


def judge(data: Data) -> Judgement:
    """Whether linear networks keep fewer laws with momentum, and ReLU networks none."""
    laws = data["laws"]["momentum"]
    told = {kind: ", ".join(str(int(n)) for n in laws.sel(kind=kind)) for kind in KINDS}
    return jointly(
        judged(
            near("ReLU: laws with momentum", laws.sel(kind="relu").sum(), 0, 0),
            f"With ReLU {told['relu']} laws are left.",
        ),
        judged(
            near("linear: laws too many or too few", _off(data, "linear"), 0, 0),
            f"With linear neurons {told['linear']} laws are left.",
        ),
    )


def draw(data: Data) -> Figure:
    """The numbers of laws against the number of neurons."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(3.4, 3.0))
    laws = data["laws"]
    for panel, kind in zip(axes[0], KINDS, strict=True):
        for number, name in enumerate(("flow", "momentum")):
            panel.plot(
                laws["rank"],
                laws[name].sel(kind=kind),
                "os"[number] + "-",
                color=eq.plots.PALETTE[number],
                label=laws[name].attrs["long_name"],
            )
        panel.set_xlabel(f"neurons, {kind}")
        panel.set_ylabel("laws")
    eq.plots.add_legend(axes[0][0])
    return figure


CLAIM = Claim(
    id="lost",
    source="Abstract",
    statement="With momentum r linear neurons keep r(r − 1)/2 quadratic laws of positions and velocities, where "
    "gradient flow keeps r(r + 1)/2, and r ReLU neurons keep none, where it keeps r.",
    printed=Printed(
        "Linear networks have fewer laws with momentum than with gradient flow, except in sufficiently "
        "over-parameterized regimes; with ReLU no conservation law remains.",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"{SHAPE[0]} inputs, {SHAPE[1]} outputs, up to {max(RANKS)} neurons (quick: {max(QUICK_RANKS)}). Looked "
    "for are quadratic forms of positions and velocities along the flow without damping; with one velocity in each "
    "term they give the laws with damping, times e^{γt}. The exception for many neurons is not tested. We could read "
    "the abstract and the introduction alone.",
)
