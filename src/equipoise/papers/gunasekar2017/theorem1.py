"""Theorem 1: with commuting measurements, a small multiple of the identity leads to the minimum nuclear norm."""

from typing import Any

import numpy as np
import scipy.integrate
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
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SIZE, COUNT = 10, 5
LEAST_SLACK, STEEP_SLACK, NEXT, FARTHEST, LEAST_RATE = 0.6, 1.6, 0.3, 1.5, 0.01
"""Two least slacks of the dual, the least gap to the next, the longest move of a column, the least rate of convergence.

With the gap, a single power shows.
"""

ALPHAS, STEEP_ALPHAS = 10.0 ** -np.arange(1, 10), 10.0 ** -np.linspace(0.5, 4.5, 9)
FITTED, STEEP_FITTED = 1e-6, 2e-3
"""The exponent is fitted to the starts α up to this one."""

LEAST_SHOWN = 1e-11
"""Smaller excesses are rounding errors."""

TIME, INTERVALS = 4000.0, 200
FINE_TIME, FINE_INTERVALS = 4.0, 400


def commuting(seed: int, slack: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(V, a, y) of A_i = V diag(a_i) Vᵀ, whose dual has the least slack `slack`.

    The a_i are normal, and y = a x for an x that is positive on the first m entries. The rest of the columns of a is
    moved along the dual ν of these, for which aᵀν = 1 there, until the slack 1 − aᵀν is as wanted. So this x is the
    minimum: it and ν satisfy Eq. (6).
    """
    random = generator(seed, Stream.THEOREM1)
    basis = np.linalg.qr(random.standard_normal((SIZE, SIZE)))[0]
    while True:
        spectra = random.standard_normal((COUNT, SIZE)) / COUNT**0.5
        solution = np.concatenate([random.uniform(0.1, 0.5, COUNT), np.zeros(SIZE - COUNT)])
        slacks = slack + np.concatenate([[0.0], random.uniform(NEXT, 1.0, SIZE - COUNT - 1)])
        dual = np.linalg.solve(spectra[:, :COUNT].T, np.ones(COUNT))
        move = (1 - slacks - dual @ spectra[:, COUNT:]) / np.linalg.norm(dual)
        spectra[:, COUNT:] += np.outer(dual / np.linalg.norm(dual), move)
        # near its limit the flow is ẏ = −a diag(x) aᵀ y, up to a factor
        rate = np.linalg.eigvalsh((spectra * solution) @ spectra.T)[0]
        if np.abs(move).max() <= FARTHEST and rate >= LEAST_RATE:
            return basis, spectra, spectra @ solution


def minimum(spectra: np.ndarray, data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The x of min Σx s.t. a x = y, x ≥ 0, and the slacks of the dual at the entries that are zero, sorted.

    It is the minimum nuclear norm: replacing VᵀXV by its diagonal changes neither A(X) nor the trace, and keeps X psd.
    """
    solved = scipy.optimize.linprog(np.ones(SIZE), A_eq=spectra, b_eq=data, bounds=(0, None), method="highs")
    slack = 1 - spectra.T @ solved.eqlin.marginals
    return solved.x, np.sort(slack[solved.x <= 1e-9])


def run(quick: bool, seed: int) -> Data:
    """Gradient flow from αI until it converges, for a small and a large slack; and one path, recorded finely."""
    every = slice(None, None, 2) if quick else slice(None)
    instance = commuting(seed, LEAST_SLACK)
    limits, runs = _limits(*instance, ALPHAS[every], seed)
    steep, _ = _limits(*commuting(seed, STEEP_SLACK), STEEP_ALPHAS[every], seed)
    return {"limits": limits, "steep": steep, "path": fine_path(*instance, ALPHAS[every], seed), "runs": runs}


def _problem(basis: np.ndarray, spectra: np.ndarray, data: np.ndarray) -> Any:
    matrices = np.einsum("ik,mk,jk->mij", basis, spectra, basis)
    return eq.problems.sensing(matrices, data, scale=FLOW_SCALE)


def _limits(
    basis: np.ndarray, spectra: np.ndarray, data: np.ndarray, alphas: np.ndarray, seed: int
) -> tuple[xr.Dataset, xr.Dataset]:
    """The limits from αI beside the minimum, and the recorded runs."""
    solution, slacks = minimum(spectra, data)
    value = float(solution.sum())
    flow = eq.dynamics.GradientFlow(TIME / INTERVALS, 1e-10, 1e-13)
    ran = _recorded(_problem(basis, spectra, data), flow, alphas, INTERVALS, INTERVALS // 20, seed)
    in_factor = np.einsum("ik,rij->rkj", basis, ran.theta[0])
    in_basis = in_factor @ np.swapaxes(in_factor, 1, 2)
    diagonal = np.diagonal(in_basis, axis1=1, axis2=2)
    off = np.abs(in_basis - np.einsum("rk,kl->rkl", diagonal, np.eye(SIZE))).max(axis=(1, 2))
    limits = xr.Dataset(
        {
            "nuclear_norm": ("alpha", diagonal.sum(axis=1), {"long_name": "nuclear norm of the limit", "units": "[M]"}),
            "excess": ("alpha", diagonal.sum(axis=1) / value - 1, {"long_name": "relative excess", "units": "1"}),
            "error": ("alpha", ran.dataset["relative_error"].values[:, -1], {"long_name": "‖A(X) − y‖/‖y‖"}),
            "off_basis": ("alpha", off, {"long_name": "largest entry of VᵀXV off its diagonal", "units": "[M]"}),
        },
        {"alpha": ("alpha", alphas, {"long_name": "start α, X₀ = αI", "units": "[M]"})},
        {"minimum": value, "slack": float(slacks[0])},
    )
    return limits, ran.dataset[["relative_error"]]


def gram(problem: Any, theta: Any) -> Any:
    """X = UUᵀ."""
    return theta[0] @ theta[0].T


def _recorded(problem: Any, flow: Any, alphas: np.ndarray, steps: int, every: int, seed: int) -> eq.Run:
    """The flow on U from each √α I, so that X stays psd. One form for all runs, so that one program is compiled."""
    starts = eq.initial.Given((alphas[:, None, None] ** 0.5 * np.eye(SIZE),))
    options: dict[str, Any] = {"replicates": alphas.size, "observables": ("relative_error", gram)}
    return path(problem, flow, starts, steps=steps, every=every, seed=seed, **options)


def fine_path(basis: np.ndarray, spectra: np.ndarray, data: np.ndarray, alphas: np.ndarray, seed: int) -> xr.Dataset:
    """The eigenvalues along the path from the largest αI, and exp(2 a·s(t)) α with s = −∫r by Simpson's rule."""
    flow = eq.dynamics.GradientFlow(FINE_TIME / FINE_INTERVALS, 1e-10, 1e-13)
    ran = _recorded(_problem(basis, spectra, data), flow, alphas, FINE_INTERVALS, 1, seed)
    matrices = ran.dataset["gram"].values[0]
    seen = np.einsum("ik,tij,jk->tk", basis, matrices, basis)
    times = np.linspace(0, FINE_TIME, FINE_INTERVALS + 1)
    residual = seen @ spectra.T - data
    s = -scipy.integrate.cumulative_simpson(residual, x=times, axis=0, initial=0)
    closed = alphas[0] * np.exp(2 * s @ spectra)
    names = ("time", "eigenvalue")
    return xr.Dataset(
        {
            "flow": (names, seen, {"long_name": "eigenvalue of X", "units": "[M]"}),
            "closed_form": (names, closed, {"long_name": "closed form", "units": "[M]"}),
        },
        {"time": ("time", times, {"long_name": "time", "units": "1"})},
    )


def check(data: Data) -> list[Check]:
    """The path in closed form; the minimum nuclear norm as α → 0, at a rate; and only for small α."""
    limits, fine = data["limits"], data["path"]
    both = (limits, data["steep"])
    return [
        at_most("largest ‖A(X) − y‖/‖y‖ at the limits", max(largest(one["error"]) for one in both), 1e-6),
        at_most("largest entry of VᵀXV off its diagonal", max(largest(one["off_basis"]) for one in both), 1e-3),
        at_most("eigenvalues against exp(A*(s)) X₀ exp(A*(s))", _departure(fine), 1e-6),
        at_least("log₁₀ of the relative excess over the minimum at the largest α", np.log10(limits["excess"][0]), -2),
        at_most("log₁₀ of the relative excess over the minimum at the smallest α", np.log10(limits["excess"][-1]), -3),
        near("exponent of the excess in α over the dual's least slack", _exponent(limits, FITTED), 1, 0.1),
        near("the same where that slack is above 1", _exponent(data["steep"], STEEP_FITTED), 1, 0.1),
    ]


def _exponent(limits: xr.Dataset, fitted: float) -> float:
    """The exponent of the excess in α, over the least slack."""
    small = limits.where(limits["alpha"] <= fitted, drop=True)
    rate = np.polyfit(np.log(small["alpha"]), np.log(small["excess"]), 1)[0]
    return float(rate / limits.attrs["slack"])


def judge(data: Data) -> Judgement:
    """Whether the limit has the minimum nuclear norm as α → 0, and the path is in closed form."""
    limits, departure = data["limits"].isel(alpha=-1), _departure(data["path"])
    excess = float(limits["excess"])
    return jointly(
        judged(
            near("relative excess over the minimum at the smallest α", excess, 0.0, 1e-3),
            f"From αI with α = {float(limits['alpha']):g} the limit's nuclear norm differs from the minimum by "
            f"{abs(excess):.1g} of it.",
        ),
        judged(
            at_most("eigenvalues against exp(A*(s)) X₀ exp(A*(s))", departure, 1e-6),
            f"Along the path an eigenvalue differs from its closed form by at most {departure:.1g}.",
        ),
    )


def _departure(fine: xr.Dataset) -> float:
    return largest(abs(fine["flow"] - fine["closed_form"]))


def draw(data: Data) -> Figure:
    """The excess against α, and the path of the eigenvalues with its closed form."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.3))
    left, right = axes[0]
    limits, fine = data["limits"], data["path"]
    for number, one in enumerate((limits, data["steep"])):
        shown = one.where(one["excess"] > LEAST_SHOWN, drop=True)
        slack, anchor, label = one.attrs["slack"], shown.isel(alpha=-1), "limit of gradient flow"
        left.loglog(shown["alpha"], shown["excess"], "os"[number], color=eq.plots.PALETTE[number], label=label)
        line = anchor["excess"].item() * (shown["alpha"] / anchor["alpha"].item()) ** slack
        dashes = ("--", ":")[number]
        left.loglog(shown["alpha"], line, dashes, color="black", label=f"α^{slack:.2f}, from the dual's slack")
    left.set_xlabel("start α, X₀ = αI")
    left.set_ylabel("‖X∞‖_*/min ‖X‖_* − 1")
    eq.plots.add_legend(left)
    for number in range(fine.sizes["eigenvalue"]):
        hue = eq.plots.PALETTE[number % len(eq.plots.PALETTE)]
        right.plot(fine["time"], fine["flow"].isel(eigenvalue=number), color=hue, lw=2.5, alpha=0.5)
        right.plot(fine["time"], fine["closed_form"].isel(eigenvalue=number), "--", color=hue, lw=1)
    right.set_xlabel("time of the flow")
    right.set_ylabel("eigenvalues of X; dashed: closed form")
    return figure


CLAIM = Claim(
    id="theorem1",
    source="Theorem 1, Section 4, Eq. (7)",
    statement="If the A_i commute, gradient flow from X₀ moves along exp(A*(s)) X₀ exp(A*(s)) with s = −∫r dt, and "
    "from αI its limit has minimum nuclear norm as α → 0.",
    printed=Printed(
        "If the A_i commute, the flow moves along exp(A*(s)) X₀ exp(A*(s)) with s = −∫r dt, and if its limit from αI "
        "exists for α → 0 and fits, that has the minimum nuclear norm.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"n = {SIZE}, m = {COUNT}, common eigenvectors, and normal eigenvalues, some of them moved. The rate is "
    "ours: the excess falls as α to the power of the least slack of the minimum's dual, below or above 1. So that it "
    f"shows, that slack is {LEAST_SLACK:g} or {STEEP_SLACK:g}, and the next larger by at least {NEXT:g}. The minimum "
    "is that of a linear program, exact because the A_i commute.",
)
