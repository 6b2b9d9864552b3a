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
LEAST_SLACK, NEXT, LEAST_RATE = (0.5, 0.7), 0.3, 0.01
"""The range of the dual's least slack, the least gap to the next slack, and the least rate of convergence.

With the gap, a single power shows.
"""

ALPHAS = 10.0 ** -np.arange(1, 11)
QUICK_ALPHAS = 10.0 ** -np.arange(1, 11, 2)
FITTED = 1e-6
"""The exponent is fitted to the starts α up to this one."""

TIME, INTERVALS = 4000.0, 200
FINE_TIME, FINE_INTERVALS = 4.0, 400


def commuting(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(V, a, y) of A_i = V diag(a_i) Vᵀ, with a_i normal and y = a x, x > 0; drawn until the slacks are as wanted."""
    random = generator(seed, Stream.THEOREM1)
    basis = np.linalg.qr(random.standard_normal((SIZE, SIZE)))[0]
    while True:
        spectra = random.standard_normal((COUNT, SIZE)) / COUNT**0.5
        data = spectra @ random.uniform(0.0, 0.5, SIZE)
        solution, (least, following, *_) = minimum(spectra, data)
        # near its limit the flow is ẏ = −a diag(x) aᵀ y, up to a factor
        rate = np.linalg.eigvalsh((spectra * solution) @ spectra.T)[0]
        if LEAST_SLACK[0] <= least <= LEAST_SLACK[1] and following >= least + NEXT and rate >= LEAST_RATE:
            return basis, spectra, data


def minimum(spectra: np.ndarray, data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The x of min Σx s.t. a x = y, x ≥ 0, and the slacks of the dual at the entries that are zero, sorted.

    It is the minimum nuclear norm: replacing VᵀXV by its diagonal changes neither A(X) nor the trace, and keeps X psd.
    """
    solved = scipy.optimize.linprog(np.ones(SIZE), A_eq=spectra, b_eq=data, bounds=(0, None), method="highs")
    slack = 1 - spectra.T @ solved.eqlin.marginals
    return solved.x, np.sort(slack[solved.x <= 1e-9])


def run(quick: bool, seed: int) -> Data:
    """Gradient flow in X from αI until it converges, for each α; and one path from I, recorded finely."""
    basis, spectra, data = commuting(seed)
    matrices = np.einsum("ik,mk,jk->mij", basis, spectra, basis)
    solution, slacks = minimum(spectra, data)
    value = float(solution.sum())
    options: dict[str, Any] = {"parametrization": "direct", "scale": FLOW_SCALE}
    problem = eq.problems.sensing(matrices, data, **options)
    alphas = QUICK_ALPHAS if quick else ALPHAS
    starts = eq.initial.Given((alphas[:, None, None] * np.eye(SIZE),))
    flow = eq.dynamics.MatrixFlow(TIME / INTERVALS, 1e-10, 1e-13)
    ran = path(problem, flow, starts, steps=INTERVALS, every=INTERVALS // 20, seed=seed, replicates=alphas.size)
    in_basis = np.einsum("ik,rij,jl->rkl", basis, ran.theta[0], basis)
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
    return {"limits": limits, "path": fine_path(problem, basis, spectra, data, seed), "runs": ran.dataset}


def fine_path(problem: Any, basis: np.ndarray, spectra: np.ndarray, data: np.ndarray, seed: int) -> xr.Dataset:
    """The eigenvalues along a path from 0.1 I, and exp(2 a·s(t)) · 0.1 with s = −∫r by Simpson's rule."""
    flow = eq.dynamics.MatrixFlow(FINE_TIME / FINE_INTERVALS, 1e-10, 1e-13)

    def eigenvalues(problem: Any, theta: Any) -> Any:
        """The diagonal of VᵀXV."""
        return ((basis.T @ theta[0]) * basis.T).sum(axis=1)

    start = eq.initial.Identity(0.1)
    ran = path(problem, flow, start, steps=FINE_INTERVALS, every=1, seed=seed, observables=(eigenvalues, "loss"))
    seen = ran.dataset["eigenvalues"].values[0]
    times = np.linspace(0, FINE_TIME, FINE_INTERVALS + 1)
    residual = seen @ spectra.T - data
    s = -scipy.integrate.cumulative_simpson(residual, x=times, axis=0, initial=0)
    closed = 0.1 * np.exp(2 * s @ spectra)
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
    small = limits.where(limits["alpha"] <= FITTED, drop=True)
    rate = np.polyfit(np.log(small["alpha"]), np.log(small["excess"]), 1)[0]
    return [
        at_most("largest ‖A(X) − y‖/‖y‖ at the limits", largest(limits["error"]), 1e-6),
        at_most("largest entry of VᵀXV off its diagonal", largest(limits["off_basis"]), 1e-6),
        at_most("eigenvalues against exp(A*(s)) X₀ exp(A*(s))", _departure(fine), 1e-6),
        at_least("log₁₀ of the relative excess over the minimum at the largest α", np.log10(limits["excess"][0]), -2),
        at_most("log₁₀ of the relative excess over the minimum at the smallest α", np.log10(limits["excess"][-1]), -3),
        near("exponent of the excess in α over the dual's least slack", rate / limits.attrs["slack"], 1, 0.1),
    ]


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
    left.loglog(limits["alpha"], limits["excess"], "o-", color=eq.plots.PALETTE[0], label="limit of gradient flow")
    slack = limits.attrs["slack"]
    anchor = limits.isel(alpha=-1)
    line = anchor["excess"].item() * (limits["alpha"] / anchor["alpha"].item()) ** slack
    left.loglog(limits["alpha"], line, "--", color="black", label=f"α^{slack:.2f}, from the dual's slack")
    left.set_xlabel("start α, X₀ = αI")
    left.set_ylabel("‖X∞‖_*/min ‖X‖_* − 1")
    left.legend()
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
    choices=f"n = {SIZE}, m = {COUNT}, common eigenvectors, normal eigenvalues and a truth of full rank. The minimum "
    "is that of a linear program, exact because the A_i commute. The rate is not in the paper: the excess falls as α "
    "to the power of the least slack of the program's dual, or to the first where that is smaller. So that it shows, "
    f"eigenvalues and truth are drawn until the least slack is between {LEAST_SLACK[0]} and {LEAST_SLACK[1]} and the "
    f"next is larger by {NEXT}, and until the flow comes to rest in its time.",
)
