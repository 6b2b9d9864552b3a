"""Eq. (6): how well the limits satisfy the optimality conditions of the minimum nuclear norm."""

from typing import Any

import numpy as np
import scipy.optimize
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.reconstruction import truth
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

NORMS = {"‖U₀‖ = 1": 1.0, "1e-2": 1e-2, "1e-4": 1e-4, "1e-8": 1e-8}
RESIDUALS = {
    "feasibility": "‖A(X) − y‖/‖y‖",
    "dual_feasibility": "(λmax(A*(ν)) − 1)₊",
    "complementarity": "‖(I − A*(ν))X‖/‖X‖",
}
VIOLATED = ("dual_feasibility", "complementarity")
TIME, INTERVALS = 4000.0, 40
WRONG = "wrong optimum"
MET = 1e-3
"""Up to this residual a condition counts as met."""


def run(quick: bool, seed: int) -> Data:
    """Limits of gradient flow from starts of four sizes, X_gd, the certified minimum, and a matrix made wrong."""
    size, count = (12, 40) if quick else (20, 80)
    target = truth("a", size, generator(seed, Stream.KKT_TRUTH))
    matrices = eq.problems.gaussian_measurements(size, count, seed=seed)
    data = np.einsum("mij,ij->m", matrices, target)
    problem = eq.problems.sensing(matrices, data, scale=FLOW_SCALE)
    unit = generator(seed, Stream.KKT_START).standard_normal((size, size))
    unit /= np.linalg.norm(unit)
    norms = np.array(list(NORMS.values()))
    starts = eq.initial.Given((norms[:, None, None] * unit,))
    flow = eq.dynamics.GradientFlow(TIME / INTERVALS, 1e-8, 1e-13)
    ran = path(problem, flow, starts, steps=INTERVALS, every=INTERVALS, seed=seed, replicates=norms.size)
    limits = dict(zip(NORMS, ran.theta[0] @ np.swapaxes(ran.theta[0], 1, 2), strict=True))
    best = eq.certified.minimum_nuclear_norm(matrices, data, psd=True)
    limits["X_gd"] = _projected(matrices, data, seed)
    limits["certified minimum"] = best.matrix
    # still feasible, but moved toward another solution: the certificate must reveal it
    limits[WRONG] = 0.7 * best.matrix + 0.3 * limits["‖U₀‖ = 1"]
    table = xr.concat([_residuals(matrices, data, x, best) for x in limits.values()], "solution")
    return {"residuals": table.assign_coords(solution=list(limits)).assign_attrs(lower=best.lower, upper=best.upper)}


def _projected(matrices: np.ndarray, data: np.ndarray, seed: int) -> np.ndarray:
    problem = eq.problems.sensing(matrices, data, parametrization="direct")
    step = 1 / (2 * np.linalg.norm(matrices.reshape(len(data), -1), 2) ** 2)
    method = eq.dynamics.ProjectedGradient(step)
    return path(problem, method, eq.initial.Saddle(), steps=5000, every=5000, seed=seed).theta[0][0]


def _residuals(matrices: np.ndarray, data: np.ndarray, limit: np.ndarray, best: Any) -> xr.Dataset:
    """The residuals at the ν that fits the limit best, which is not scaled; and whether a certificate proves it."""
    found = eq.certified.kkt_residuals(matrices, data, limit, _best_dual(matrices, limit, best.dual), psd=True)
    proven = eq.certified.certify(matrices, data, limit, psd=True).optimal(1e-3)
    excess = np.linalg.norm(limit, "nuc") / best.lower - 1
    columns = {name: (abs(getattr(found, name)), {"long_name": text}) for name, text in RESIDUALS.items()}
    columns["excess"] = (excess, {"long_name": "excess of the nuclear norm over the minimum"})
    columns["proven"] = (float(proven), {"long_name": "whether certified to be optimal to 1e-3"})
    return xr.Dataset({name: ((), value, {**meaning, "units": "1"}) for name, (value, meaning) in columns.items()})


def _best_dual(matrices: np.ndarray, limit: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The ν of least ‖(I − A*(ν))X‖²/‖X‖² + ‖(A*(ν) − I)₊‖²: both are 0 for some ν if and only if X is optimal."""
    square, scale = limit @ limit, np.linalg.norm(limit) ** 2

    def distance(dual: np.ndarray) -> tuple[float, np.ndarray]:
        """The sum and its gradient in ν."""
        over = np.tensordot(dual, matrices, 1) - np.eye(len(limit))
        values, vectors = np.linalg.eigh(over)
        above = (vectors * np.maximum(values, 0)) @ vectors.T
        slope = over @ square / scale + above
        value = np.sum((over @ square) * over) / scale + np.sum(above**2)
        return float(value), 2 * np.tensordot(matrices, slope, 2)

    options = {"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-9}
    return scipy.optimize.minimize(distance, first, jac=True, method="L-BFGS-B", options=options).x


def check(data: Data) -> list[Check]:
    """The conditions hold at the certified minimum, and at limits the better the smaller the start; at no other."""
    table = data["residuals"]
    small, large = (table.sel(solution=name) for name in ("1e-8", "‖U₀‖ = 1"))
    violated = {name: max(_at(table, name, key) for key in VIOLATED) for name in table["solution"].values.tolist()}
    feasible = np.max([_at(table, name, "feasibility") for name in NORMS])
    return [
        at_most("certified minimum: largest residual", _worst(table), 1e-5),
        near("certified minimum: proven optimal", _at(table, "certified minimum", "proven"), 1, 0),
        at_most("every limit of the flow: ‖A(X) − y‖/‖y‖", feasible, 1e-2),
        at_most("smallest start: excess over that of the largest", small["excess"] / large["excess"], 0.2),
        at_most(
            "smallest start: dual residual or complementarity over that of the largest",
            violated["1e-8"] / violated["‖U₀‖ = 1"],
            0.2,
        ),
        at_least("largest start: log₁₀ of the excess", np.log10(large["excess"]), -1.7),
        at_least("largest start: log₁₀ of dual residual or complementarity", np.log10(violated["‖U₀‖ = 1"]), -2.5),
        at_least("spoilt optimum: log₁₀ of dual residual or complementarity", np.log10(violated[WRONG]), -2.5),
        at_least("X_gd: log₁₀ of dual residual or complementarity", np.log10(violated["X_gd"]), -2.5),
        near("spoilt optimum: proven optimal", _at(table, WRONG, "proven"), 0, 0),
        near("X_gd: proven optimal", _at(table, "X_gd", "proven"), 0, 0),
        near("largest start: proven optimal", large["proven"], 0, 0),
    ]


def _worst(table: xr.Dataset) -> float:
    """The largest residual at the certified minimum."""
    return float(np.max([_at(table, "certified minimum", name) for name in RESIDUALS]))


def _at(table: xr.Dataset, solution: str, name: str) -> float:
    return float(table[name].sel(solution=solution))


def judge(data: Data) -> Judgement:
    """Whether the conditions hold at the certified minimum, and at no solution of another nuclear norm."""
    table = data["residuals"]
    worst = _worst(table)
    others = table.where(table["excess"] > 0.01, drop=True)
    least = smallest(others[list(VIOLATED)].to_array().max("variable"))
    return jointly(
        judged(
            at_most("certified minimum: largest residual", worst, MET),
            f"At the certified minimum the residuals of Eq. (6) are at most {worst:.1g}; where the norm is over 1 % "
            f"above it, the dual residual or complementarity is at least {least:.2g}.",
        ),
        judged(
            at_least("other solutions: least dual residual or complementarity", least, MET),
            f"Where the nuclear norm is more than 1 % above the minimum, the dual residual or complementarity is at "
            f"least {least:.2g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """The three residuals and the excess, for each solution."""
    table = data["residuals"]
    figure, axes = eq.plots.new_figure(1, 1, panel=(6.8, 3.4))
    side = axes[0, 0]
    for number, name in enumerate((*RESIDUALS, "excess")):
        label = RESIDUALS.get(name, "excess of the nuclear norm")
        values = np.maximum(np.abs(table[name].values), 1e-16)
        side.semilogy(range(values.size), values, "os^D"[number], color=eq.plots.PALETTE[number], label=label)
    side.set_xticks(range(table.sizes["solution"]), list(table["solution"].values), rotation=20, ha="right")
    side.set_ylabel("residual")
    eq.plots.add_legend(side, fontsize="x-small")
    return figure


CLAIM = Claim(
    id="kkt",
    source="Section 4, Eq. (6)",
    statement="A matrix has minimum nuclear norm if and only if some ν gives A(X) = y, X ⪰ 0, A*(ν) ⪯ I and "
    "(I − A*(ν))X = 0; limits from small starts come close to it, those from large ones and X_gd do not.",
    printed=Printed(
        "The optimality conditions of the minimum nuclear norm are that some ν gives A(X) = y, X ⪰ 0, A*(ν) ⪯ I and "
        "(I − A*(ν))X = 0.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="n = 20, 80 Gaussian measurements of a rank-2 matrix (quick: 12 and 40); gradient flow for 4000 units of "
    "the time of Eq. (3). ν is that of the least sum of squares of (A*(ν) − I)₊ and of (I − A*(ν))X/‖X‖, not scaled.",
)
