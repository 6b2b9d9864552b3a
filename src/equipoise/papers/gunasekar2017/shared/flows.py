"""Figure 3 (i-iii): three ways to follow gradient flow, on three kinds of measurements and three settings."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.integrate
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.gunasekar2017.shared.reconstruction import PANELS, RANK, truth
from equipoise.papers.gunasekar2017.shared.seeds import Offset, Stream
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SMALL, EXPONENT = 1e-4, 1.0
STEP = {"a": 0.1, "b": 0.1, "c": 0.025}
"""The step of the time-ordered exponential; in (c), where one entry weighs much, 0.1 may oscillate."""

DESCENT = {"a": 0.075, "b": 0.075, "c": 0.00625}
"""Step sizes at E‖A(W)‖² = ‖W‖²: those of Figures 1 and 2, η = 0.001 where E‖A(W)‖² is 75 ‖W‖² or 6.25 ‖W‖²."""

TIMES = {"a": 250.0, "b": 1000.0, "c": 500.0}
"""The lengths of the flows, in the time of Eq. (4)."""

EXCESS = {"a": 0.01, "b": 0.1, "c": 0.3}
"""The largest excess of the flow's limit; in the quick form (c) has 12 measurements, and the excess scatters."""

LEAST_GAP, GAP = 5e-4, {("uniform", "a"): 2e-3}
"""The largest gap of a certificate; on the latter nearly only X* fits, and rounding errors end the search."""

EXCEEDED = {"gaussian": "abc", "uniform": "ab", "power": "ab"}
"""The settings where X_gd is above the limit of the flow; with 25 entries it has nearly the least norm, too."""

QUICK = {"gaussian": "ac", "uniform": "ac", "power": "a"}
"""The settings of the quick form; its 12 entries in (c), drawn by a power law, leave limits that scatter too widely."""

SAME, DISCERNIBLE = 0.02, 0.1
"""How we read the printed words: bars of the same height, and a gap in some panels that can just be seen."""

SOLUTIONS = {
    "descent": "gradient descent",
    "flow": "ODE solver",
    "exponential": "time-ordered exponential",
    "projected": "X_gd",
}
FLOWS = ("descent", "flow", "exponential")


@dataclasses.dataclass(frozen=True)
class Instance:
    """One measured matrix.

    - `direct`, `factored`: its problems in X and in factors, of unit scale.
    - `flow`: the problem in X at the scale of the paper's gradient flow.
    - `operator`, `data`: the measurements to certify with.
    - `measure`, `adjoint`: A(X) of any X, and A*(r) of any r, weighted as the problems are.
    - `stable_step`: the step size of X_gd.
    """

    direct: Any
    factored: Any
    flow: Any
    operator: Any
    data: np.ndarray
    measure: Callable[[np.ndarray], np.ndarray]
    adjoint: Callable[[np.ndarray], np.ndarray]
    stable_step: float


def gaussian(size: int, count: int, target: np.ndarray, seed: int) -> Instance:
    """Random symmetric A_i."""
    matrices = eq.problems.gaussian_measurements(size, count, seed=seed)
    data = np.einsum("mij,ij->m", matrices, target)
    return Instance(
        eq.problems.sensing(matrices, data, parametrization="direct"),
        eq.problems.sensing(matrices, data),
        eq.problems.sensing(matrices, data, parametrization="direct", scale=FLOW_SCALE),
        matrices,
        data,
        lambda x: matrices.reshape(count, -1) @ x.ravel(),
        lambda r: (r @ matrices.reshape(count, -1)).reshape(size, size),
        float(1 / (2 * np.linalg.norm(matrices.reshape(count, -1), 2) ** 2)),
    )


def completion(size: int, count: int, target: np.ndarray, seed: int, exponent: float = 0.0) -> Instance:
    """Entries on and below the diagonal, uniformly or by a power law, weighted so that E‖A(W)‖² is about ‖W‖²."""
    rows, columns = eq.problems.random_entries((size, size), count, seed=seed, exponent=exponent, symmetric=True)
    data = target[rows, columns]
    weight = size * (size + 1) / count
    options: dict[str, Any] = {"shape": (size, size)}
    seen = (rows, columns, data)
    return Instance(
        eq.problems.completion(seen, parametrization="direct", scale=weight, **options),
        eq.problems.completion(seen, parametrization="symmetric", scale=weight, **options),
        eq.problems.completion(seen, parametrization="direct", scale=weight * FLOW_SCALE, **options),
        (rows, columns, (size, size)),
        data,
        lambda x: x[rows, columns],
        functools.partial(_spread, rows, columns, weight / 2, size),
        1 / (2 * weight),
    )


def _spread(rows: np.ndarray, columns: np.ndarray, weight: float, size: int, residual: np.ndarray) -> np.ndarray:
    """Σ r_k weight (e_i e_jᵀ + e_j e_iᵀ) over different entries."""
    spread = np.zeros((size, size))
    spread[rows, columns] = weight * residual
    return spread + spread.T


LAWS: dict[str, Callable[[int, int, np.ndarray, int], Instance]] = {
    "gaussian": gaussian,
    "uniform": completion,
    "power": functools.partial(completion, exponent=EXPONENT),
}


def solve(instance: Instance, setting: str, size: int, quick: bool, seed: int) -> dict[str, np.ndarray]:
    """The limit of each method, from the same U₀ with ‖U₀‖ = 1e-4."""
    start = generator(seed, Stream.FLOW_START).standard_normal((size, size))
    start *= SMALL / np.linalg.norm(start)
    time = TIMES[setting]
    in_factors, in_matrix = eq.initial.Given((start,)), eq.initial.Given((start @ start.T,))
    # our step is the ε of Eq. (12)
    eta, projected = DESCENT[setting], eq.dynamics.ProjectedGradient(instance.stable_step)
    methods = {
        # a step of gradient descent covers 4η units of that time
        "descent": (instance.factored, eq.dynamics.GradientDescent(eta), in_factors, round(time / (4 * eta))),
        "exponential": (
            instance.flow,
            eq.dynamics.TimeOrderedExponential(STEP[setting]),
            in_matrix,
            round(time / STEP[setting]),
        ),
        "projected": (instance.direct, projected, eq.initial.Saddle(), 3000 if quick else 6000),
    }
    ends = {"flow": _solved(instance, start, time)}
    for name, (problem, method, init, steps) in methods.items():
        theta = path(problem, method, init, steps=steps, every=steps, seed=seed).theta[0][0]
        ends[name] = theta @ theta.T if name == "descent" else theta
    return {name: ends[name] for name in SOLUTIONS}


def _solved(instance: Instance, start: np.ndarray, time: float) -> np.ndarray:
    """UUᵀ at the end of Eq. (3), U̇ = −A*(A(UUᵀ) − y) U, by an ODE solver of SciPy, as in the paper."""

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        u = state.reshape(start.shape)
        return -(instance.adjoint(instance.measure(u @ u.T) - instance.data) @ u).ravel()

    options = {"method": "DOP853", "rtol": 1e-8, "atol": 1e-13}
    u = scipy.integrate.solve_ivp(velocity, (0, time), start.ravel(), **options).y[:, -1].reshape(start.shape)
    return u @ u.T


def run_law(law: str, quick: bool, seed: int) -> Data:
    """All three settings of one kind of measurements; in the quick form those of `QUICK`."""
    size, settings = (24, QUICK[law]) if quick else (50, "abc")
    parts = []
    for number, setting in enumerate(settings):
        count = size * RANK // 4 if setting == "c" else 3 * size * RANK
        target = truth(setting, size, generator(seed, Stream.FLOW_TRUTH, number))
        instance = LAWS[law](size, count, target, further_seed(seed, Offset.SETTINGS, number))
        ends = solve(instance, setting, size, quick, seed)
        certificate = eq.certified.minimum_nuclear_norm(instance.operator, instance.data, psd=True, gap=1e-7)
        parts.append(_table(instance, ends, certificate, float(np.trace(target))))
    names = {"setting": ("setting", list(settings)), "solution": ("solution", list(SOLUTIONS))}
    return {"solutions": xr.concat(parts, "setting").assign_coords(names).assign_attrs(law=law, size=size)}


def _table(instance: Instance, ends: dict[str, np.ndarray], certificate: Any, feasible: float) -> xr.Dataset:
    """Norms, misfits and bounds. `feasible` is the trace of X*, which satisfies the measurements.

    It serves as an upper bound if X* is nearly the only such matrix, and the certificate finds none.
    """
    data, nuclear = instance.data, [np.linalg.norm(x, "nuc") for x in ends.values()]
    misfit = [np.linalg.norm(instance.measure(x) - data) / np.linalg.norm(data) for x in ends.values()]
    away = [np.linalg.norm(x - ends["flow"]) / np.linalg.norm(ends["flow"]) for x in ends.values()]
    return xr.Dataset(
        {
            "nuclear_norm": ("solution", nuclear, {"long_name": "nuclear norm", "units": "[M]"}),
            "misfit": ("solution", misfit, {"long_name": "‖A(X) − y‖/‖y‖", "units": "1"}),
            "from_flow": ("solution", away, {"long_name": "distance from the ODE solver's limit", "units": "1"}),
            "lower": ((), certificate.lower, {"long_name": "certified lower bound", "units": "[M]"}),
            "upper": ((), min(certificate.upper, feasible), {"long_name": "certified upper bound", "units": "[M]"}),
        }
    )


def check(data: Data) -> list[Check]:
    """The three ways agree and end near the certified minimum; X_gd does not, except on 25 entries."""
    table = data["solutions"]
    law = str(table.attrs["law"])
    return [one for setting in table["setting"].values for one in _of_setting(table.sel(setting=setting), law)]


def _of_setting(here: xr.Dataset, law: str) -> list[Check]:
    """The checks of one setting."""
    name = str(here["setting"].values)
    excess, away = here["nuclear_norm"] / here["upper"] - 1, here["from_flow"]
    flow, projected = excess.sel(solution="flow"), excess.sel(solution="projected")
    gap, bound = GAP.get((law, name), LEAST_GAP), EXCESS[name]
    checks = [
        at_most(f"{name}: relative gap of the certificate", 1 - here["lower"] / here["upper"], gap),
        at_most(f"{name}: largest misfit of the three flows", largest(here["misfit"].sel(solution=list(FLOWS))), 0.01),
        at_most(f"{name}: exponential from ODE solver, relative", away.sel(solution="exponential"), 0.05),
        at_most(f"{name}: gradient descent from ODE solver, relative", away.sel(solution="descent"), 0.05),
        at_most(f"{name}: excess of the ODE solver's limit", flow, bound),
    ]
    if name in EXCEEDED[law]:
        return [*checks, at_most(f"{name}: excess of the ODE solver's limit over that of X_gd", flow / projected, 0.5)]
    return [*checks, at_most(f"{name}: excess of X_gd less that of the ODE solver's limit", projected - flow, 0.15)]


def judge(data: Data) -> Judgement:
    """Whether the three ways agree and end near the minimum, and not above X_gd."""
    table = data["solutions"]
    norms = table["nuclear_norm"].sel(solution=list(FLOWS))
    apart = largest(norms.max("solution") / norms.min("solution") - 1)
    excess = table["nuclear_norm"] / table["upper"] - 1
    flow, projected = (excess.sel(solution=name) for name in ("flow", "projected"))
    lead, gap, least = projected - flow, largest(flow), smallest(projected)
    where = str(table["setting"].values[int(lead.values.argmin())])
    return jointly(
        judged(
            at_most("largest excess of the flow over the minimum", gap, DISCERNIBLE),
            f"The flow ends at most {gap:.1%} above the minimum, its nuclear norms by the three ways differ by at most "
            f"{apart:.1%}, and X_gd ends at least {least:.1%} above the minimum.",
        ),
        judged(
            at_most("largest relative distance between nuclear norms of the three ways", apart, SAME),
            f"The nuclear norms of the three ways differ by at most {apart:.1%}; the same is read as {SAME:.0%}.",
        ),
        judged(
            at_least("least excess of X_gd less that of the flow", smallest(lead), -SAME),
            f"In ({where}), where it leads least, the flow ends {float(flow.sel(setting=where)):.1%} above the minimum "
            f"and X_gd {float(projected.sel(setting=where)):.1%}.",
        ),
    )


def draw(data: Data) -> Figure:
    """Bars of nuclear norms, one group for each setting, with the certified minimum as a line."""
    table = data["solutions"]
    settings = list(table["setting"].values)
    figure, axes = eq.plots.new_figure(1, 1, panel=(6.4, 3.4))
    side, width = axes[0, 0], 0.18
    for number, (name, title) in enumerate(SOLUTIONS.items()):
        places = np.arange(len(settings)) + (number - 1.5) * width
        side.bar(places, table["nuclear_norm"].sel(solution=name), width, color=eq.plots.PALETTE[number], label=title)
    for place, setting in enumerate(settings):
        least = float(table["upper"].sel(setting=setting))
        label = "certified minimum" if place == 0 else None
        side.plot([place - 0.42, place + 0.42], [least, least], "--", color="black", lw=1.5, label=label)
    side.set_xticks(range(len(settings)), [f"({k}) {PANELS[k]}" for k in settings])
    side.set_ylabel("nuclear norm")
    eq.plots.add_legend(side, fontsize="x-small")
    return figure


def claim_of(number: str, law: str, which: str, measured: str, shares: str = "") -> Claim:
    """The claim on one of the three kinds of measurements."""
    return Claim(
        id=f"figure3.{number}",
        shares=shares,
        source=f"Figure 3 ({'i' * int(number)}), Section 5",
        statement=f"{which}: gradient descent on U with a small step, an ODE solver for gradient flow, and the "
        "time-ordered exponential of Eq. (12) end at nearly the same matrix, whose nuclear norm is close to the "
        f"minimum; X_gd's is not{'' if 'c' in EXCEEDED[law] else ', except in (c), where it is as low'}.",
        printed=Printed(
            "The trends are similar to those of Section 2: the three ways to follow the flow end at a low nuclear "
            "norm. In some panels there is a discernible gap to the minimum.",
            judge,
        ),
        run=functools.partial(run_law, law),
        check=check,
        draw=draw,
        choices=f"{measured} The settings (a), (b), (c) are those of Figure 1. Measurements are scaled so that "
        f"E‖A(W)‖² is about ‖W‖²; there gradient descent's η is {DESCENT['a']} in (a) and (b), {DESCENT['c']} in (c), "
        f"that of Figure 1, and the exponential's step {STEP['a']}, in (c) {STEP['c']}, in the time of Eq. (4). X_gd "
        "is projected gradient descent from 0. Flows run for 250, 1000 and 500 units of that time.",
    )
