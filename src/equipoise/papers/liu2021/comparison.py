"""Remark (ii) on Theorem 1: with what probability gradient descent converges."""

import dataclasses
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.liu2021.shared.in_law import Strengths
from equipoise.papers.liu2021.shared.seeds import Stream
from equipoise.papers.liu2021.shared.settings import SHAPE
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

ACCURACY = 1e-3
"""The distance ‖xyᵀ − M‖ from which on a path has converged."""
SHARES = np.array([0.2, 0.1, 0.05, 0.02])
"""The shares of paths not yet converged whose times are compared."""
LESS_THAN_ALL = 0.99
"""A probability of convergence up to this one counts as constant."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """A step size, a standard deviation of the start, and the dimensions."""

    step_size: float
    std: float
    shape: tuple[int, int]


SETTINGS = {
    "section5": Setting(1e-2, 1e-2, SHAPE),
    "du2018": Setting(0.1, 0.01 / 30**0.5, (30, 30)),
}
"""Section 5, small starts; and Du et al. (2018), Theorem 3.2, with c_step = 0.1, c_init = 0.01 and d = 30."""


def run(quick: bool, seed: int) -> Data:
    """Gradient descent from many Gaussian starts, in each setting."""
    count = 4000 if quick else 40_000
    random = generator(seed, Stream.COMPARISON)
    return {name: _passages(setting, count, random) for name, setting in SETTINGS.items()}


def _passages(setting: Setting, count: int, random: np.random.Generator) -> xr.Dataset:
    """The first step with ‖xyᵀ − M‖ ≤ ACCURACY for each start, NaN if none of 40/η; and the balance at the end."""
    alpha, beta = setting.std * random.standard_normal((2, count))
    off = [setting.std * np.sqrt(random.chisquare(d - 1, count)) for d in setting.shape]
    now = Strengths(alpha, beta, *off)
    found = np.full(count, np.nan)
    for step in range(round(40 / setting.step_size) + 1):
        found[np.isnan(found) & (now.distance(1.0) <= ACCURACY)] = step
        now = now.after_step(setting.step_size, 1.0)
    balance = np.hypot(now.alpha, now.alpha_off) / np.hypot(now.beta, now.beta_off)
    return xr.Dataset(
        {
            "steps": ("start", found, {"long_name": "steps to convergence", "units": "1"}),
            "balance": ("start", balance, {"long_name": "balance at the end", "units": "1"}),
            "same_sign": ("start", (alpha * beta > 0).astype(int), {"long_name": "α₀β₀ > 0", "units": "1"}),
        },
        attrs={"step_size": setting.step_size},
    )


def share(data: xr.Dataset, where: Any = True) -> float:
    """The share of starts that converge, among those at `where`."""
    return float(data["steps"].notnull().where(where).mean())


def slope(data: xr.Dataset) -> float:
    """How ln(1/δ) costs steps: d T/d ln(1/δ) · ln(1 + η), where δ is the share not converged after T steps.

    NaN if some never converge.
    """
    if data["steps"].isnull().any():
        return np.nan
    times = np.quantile(data["steps"], 1 - SHARES)
    return float(np.polyfit(-np.log(SHARES), times, 1)[0] * np.log1p(data.attrs["step_size"]))


def check(data: Data) -> list[Check]:
    """Every start converges, of either sign; the share that has not falls by e in 1/ln(1 + η) steps."""
    checks = []
    for name, found in data.items():
        for sign, where in (("equal", found["same_sign"] == 1), ("opposite", found["same_sign"] == 0)):
            checks.append(near(f"{name}: share that converges, {sign} signs", share(found, where), 1.0, 0.0))
        checks += [
            near(f"{name}: share of starts with opposite signs", (found["same_sign"] == 0).mean(), 0.5, 0.05),
            near(f"{name}: steps per unit of ln(1/δ), times ln(1 + η)", slope(found), 1.0, 0.3),
            at_most(
                f"{name}: largest |ln balance| at the end", largest(abs(xr.apply_ufunc(np.log, found["balance"]))), 0.05
            ),
        ]
    return checks


def judge(data: Data) -> Judgement:
    """By the share of starts that converge."""
    lowest = min(share(found) for found in data.values())
    starts = min(found.sizes["start"] for found in data.values())
    return judged(
        at_most("share of starts from which gradient descent converges", lowest, LESS_THAN_ALL),
        f"Gradient descent converges from {lowest:.2%} of {starts} Gaussian starts, in the worse of two settings; what "
        "is constant is the probability for which Du et al. prove it.",
    )


def draw(data: Data) -> Figure:
    """The share of starts that has not converged against the step, by the sign of α₀β₀."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.1), share_y=True)
    titles = {"section5": "Section 5, small starts", "du2018": "Du et al. (2018), Theorem 3.2"}
    for side, (name, found) in zip(axes[0], data.items(), strict=True):
        for label, sign in (("α₀β₀ > 0", 1), ("α₀β₀ < 0", 0)):
            times = np.sort(found["steps"].fillna(np.inf).values[found["same_sign"].values == sign])
            side.plot(times, 1 - np.arange(times.size) / times.size, label=label)
        side.set(yscale="log", xlabel="step t", ylabel="share not converged after t steps", title=titles[name])
        eq.plots.add_legend(side)
    return figure


CLAIM = Claim(
    id="comparison",
    source="Remark (ii) after Theorem 1, Section 3",
    statement="At rank 1, gradient descent from small Gaussian starts converges to a global minimum from every start "
    "tried, whether α₀β₀ is positive or negative, in this paper's setting and in that of Du et al. (2018). The share "
    "that has not converged falls by e in every 1/ln(1 + η) steps, so that probability 1 − δ costs ln(1/δ)/η steps.",
    printed=Printed(
        "Perturbed GD converges with high probability, while gradient descent converges with only constant probability "
        "over the randomness of its start.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"Converged means ‖xyᵀ − M‖ ≤ {ACCURACY:g} within 40/η steps. The print is read as a probability of at "
    f"most {LESS_THAN_ALL:g}. Settings: start and step size of Figure 2 (d), and η = 0.1, d = 30 and starts of "
    "standard deviation 0.01/√30, as in Theorem 3.2 of Du et al. The paths are by their recursion of four numbers, "
    "Eq. (23), which is exact, from starts drawn in law.",
)
