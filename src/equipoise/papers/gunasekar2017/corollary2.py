"""Corollary 2: with x = u², gradient flow from a small start leads to the minimum ℓ1 norm."""

import numpy as np
import scipy.optimize
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SIZES, QUICK_SIZES = (40, 20, 4), (20, 10, 2)
"""The numbers of entries of x, of measurements, and of positive entries."""

ALPHAS = 10.0 ** -np.arange(1, 10)
TIME, INTERVALS = 3000.0, 100


def run(quick: bool, seed: int) -> Data:
    """Gradient flow on ‖A u² − y‖² from u = √α 1, as U = diag(u) and diagonal A_i, for a sparse non-negative truth."""
    alphas = ALPHAS[::4] if quick else ALPHAS
    size, count, nonzero = QUICK_SIZES if quick else SIZES
    random = generator(seed, Stream.COROLLARY2)
    matrix = random.standard_normal((count, size)) / count**0.5
    truth = np.zeros(size)
    truth[:nonzero] = random.uniform(0.5, 1.5, nonzero)
    data = matrix @ truth
    least = scipy.optimize.linprog(np.ones(size), A_eq=matrix, b_eq=data, bounds=(0, None), method="highs")
    diagonal = np.einsum("mk,kl->mkl", matrix, np.eye(size))
    problem = eq.problems.sensing(diagonal, data, scale=FLOW_SCALE)
    starts = eq.initial.Given((np.sqrt(alphas)[:, None, None] * np.eye(size),))
    flow = eq.dynamics.GradientFlow(TIME / INTERVALS, 1e-9, 1e-13)
    ran = path(problem, flow, starts, steps=INTERVALS, every=INTERVALS, seed=seed, replicates=alphas.size)
    u = np.diagonal(ran.theta[0], axis1=1, axis2=2)
    off = np.abs(ran.theta[0] - u[:, :, None] * np.eye(size)).max()
    euclidean = np.linalg.lstsq(matrix, data, rcond=None)[0]
    limits = xr.Dataset(
        {
            "x": (("alpha", "entry"), u**2, {"long_name": "limit x = u²", "units": "[x]"}),
            "least_l1": ("entry", least.x, {"long_name": "least ℓ1 norm", "units": "[x]"}),
            "least_l2": ("entry", euclidean, {"long_name": "least ℓ2 norm", "units": "[x]"}),
            "truth": ("entry", truth, {"long_name": "truth", "units": "[x]"}),
            "error": ("alpha", ran.dataset["relative_error"].values[:, -1], {"long_name": "‖Ax − y‖/‖y‖"}),
        },
        {"alpha": ("alpha", alphas, {"long_name": "start α, x₀ = α1", "units": "[x]"})},
        {"off_diagonal": float(off)},
    )
    return {"limits": limits}


def check(data: Data) -> list[Check]:
    """The limit is feasible, and least in ℓ1 as α → 0; it differs from the least ℓ2 norm, the limit of flow on x."""
    limits = data["limits"]
    least = float(limits["least_l1"].sum())
    excess = abs(limits["x"].sum("entry") / least - 1)
    away = np.linalg.norm(limits["x"].isel(alpha=-1) - limits["least_l1"]) / np.linalg.norm(limits["least_l1"])
    return [
        near("largest entry of U off its diagonal", limits.attrs["off_diagonal"], 0.0, 0.0),
        at_most("largest ‖Ax − y‖/‖y‖ at the limits", largest(limits["error"]), 0.01),
        at_least("log₁₀ of the excess of the ℓ1 norm at the largest α over that at the smallest", _fall(excess), 1),
        at_most("log₁₀ of the relative excess of the ℓ1 norm at the smallest α", np.log10(excess[-1]), -2),
        at_most("log₁₀ of the distance from the least ℓ1 solution at the smallest α, relative", np.log10(away), -1),
        at_least(
            "relative excess of the ℓ1 norm of the least ℓ2 solution", abs(limits["least_l2"]).sum() / least - 1, 0.1
        ),
    ]


def _fall(excess: xr.DataArray) -> float:
    return float(np.log10(excess[0] / excess[-1]))


def judge(data: Data) -> Judgement:
    """Whether the limit for α → 0 fits and has the least ℓ1 norm."""
    limits = data["limits"].isel(alpha=-1)
    excess = float(limits["x"].sum() / limits["least_l1"].sum() - 1)
    return judged(
        near("relative excess of the ℓ1 norm at the smallest α", excess, 0.0, 1e-3),
        f"At α = {float(limits['alpha']):g} the limit's ℓ1 norm differs from the least one by {abs(excess):.1g} of it, "
        f"with a misfit of {float(limits['error']):.1g}.",
    )


def draw(data: Data) -> Figure:
    """The limits for some α, and the solutions of least ℓ1 and ℓ2 norm."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(6.0, 3.4))
    side, limits = axes[0, 0], data["limits"]
    entries = np.arange(1, limits.sizes["entry"] + 1)
    side.plot(entries, limits["least_l1"], "_", color="black", markersize=14, label="least ℓ1 norm")
    side.plot(entries, limits["least_l2"], "x", color=eq.plots.PALETTE[1], label="least ℓ2 norm")
    for number, alpha in enumerate(limits["alpha"].values[[0, limits.sizes["alpha"] // 2, -1]]):
        values = limits["x"].sel(alpha=alpha)
        side.plot(entries, values, "os^"[number], color=eq.plots.PALETTE[2 + number], alpha=0.7, label=f"α = {alpha:g}")
    side.set_xlabel("entry")
    side.set_ylabel("x")
    eq.plots.add_legend(side)
    return figure


CLAIM = Claim(
    id="corollary2",
    source="Corollary 2, Section 4",
    statement="Gradient flow on ‖A x(u) − y‖² with x(u) = u², from x₀ = α1 with α → 0, ends at a non-negative solution "
    "of least ℓ1 norm.",
    printed=Printed(
        "With x = u², if the limit of gradient flow from x₀ = α1 exists for α → 0 and fits, it has the least ℓ1 norm "
        "among non-negative solutions.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"{SIZES[1]} normal measurements of {SIZES[0]} numbers, {SIZES[2]} of them positive (quick: half as many); "
    "α is that of x₀. The least ℓ1 norm is that of a linear program. A sparse truth is a degenerate vertex of it, "
    "towards which the misfit falls like a power of the time only.",
)
