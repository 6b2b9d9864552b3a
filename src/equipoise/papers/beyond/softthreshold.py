"""Soft threshold: noise lowers every singular value by √(ab); noise that decays gives them back, balanced."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.beyond.shared.running import product, run
from equipoise.papers.beyond.shared.seeds import Offset
from equipoise.papers.beyond.shared.thresholding import soft_thresholded
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SHAPE, VALUES, WIDTH, START = (12, 8), (2.0, 1.0, 0.3), 4, 0.3
SETTINGS = ((0.25, 1.0), (0.5, 1.0), (0.5, 2.0), (1.2, 1.0))
"""Thresholds √(ab) and balances γ of the noise: below, between and between the singular values."""

STEP_SIZES = (0.02, 0.01)
"""The second is half of the first, so that what is linear in the step size can be taken off."""

BURN_IN, TIME, FULL_TIME, LOOKS = 30.0, 90.0, 330.0, 90
REPLICATES, FULL_REPLICATES = 40, 200
DECAY_STEP, DECAY_STEPS, DECAY_GAMMA, DECAY_LEVEL = 0.02, 15_000, 2.0, 0.5


def noise_stds(level: float, gamma: float) -> tuple[float, float]:
    """(s1, s2) with √(d1 d2) s1 s2 = `level` and √(d1/d2) s1/s2 = `gamma`."""
    return (level * gamma / SHAPE[0]) ** 0.5, (level / gamma / SHAPE[1]) ** 0.5


def target(seed: int) -> np.ndarray:
    """M, with random singular vectors."""
    signal = eq.problems.signal_of(eq.problems.planted(SHAPE, len(VALUES), values=VALUES, seed=seed))
    return (np.asarray(signal.left) * VALUES) @ np.asarray(signal.right).T


def experiment(quick: bool, seed: int) -> Data:
    """Averages for each noise and step size, and a run whose noise decays to nothing."""
    matrix = target(seed)
    rows = []
    for number, (level, gamma) in enumerate(SETTINGS):
        here = [
            _average(matrix, level, gamma, size, further_seed(seed, Offset.AVERAGES, number), quick)
            for size in STEP_SIZES
        ]
        rows.append(xr.concat(here, xr.Variable("step_size", list(STEP_SIZES), {"long_name": "η", "units": "1/[M]"})))
    names = [f"√(ab) = {level:g}, γ = {gamma:g}" for level, gamma in SETTINGS]
    return {"averages": xr.concat(rows, xr.Variable("noise", names)), "decay": _decayed(matrix, seed)}


def _average(matrix: np.ndarray, level: float, gamma: float, size: float, seed: int, quick: bool) -> xr.Dataset:
    """The mean of XYᵀ over time and replicates, in the singular vectors of M, and beside it what is predicted."""
    problem = eq.problems.factorization(matrix, rank=WIDTH)
    method = eq.dynamics.PerturbedGD(size, eq.noise.Gaussian(noise_stds(level, gamma)))
    every = round((TIME if quick else FULL_TIME) / size / LOOKS)
    replicates = REPLICATES if quick else FULL_REPLICATES
    options: dict[str, Any] = {"steps": every * LOOKS, "every": every, "replicates": replicates}
    ran = run(problem, method, eq.initial.Gaussian(START), names=(product, "balance"), seed=seed, **options).dataset
    late = ran.sel(step=slice(round(BURN_IN / size), None)).mean("step")
    left, _, right = np.linalg.svd(matrix)
    each = left.T @ late["product"].values @ right.T
    unit = {"units": "[M]"}
    return xr.Dataset(
        {
            "mean": (("row", "column"), each.mean(axis=0), {"long_name": "mean of XYᵀ in singular vectors", **unit}),
            "error": (
                ("row", "column"),
                each.std(axis=0, ddof=1) / replicates**0.5,
                {"long_name": "standard error of that mean", **unit},
            ),
            "predicted": (
                ("row", "column"),
                left.T @ soft_thresholded(matrix, level) @ right.T,
                {"long_name": "M soft-thresholded", **unit},
            ),
            "balance": ((), float(late["balance"].mean()), {"long_name": "mean balance", "units": "1"}),
            "gamma": ((), gamma, {"long_name": "balance of the noise", "units": "1"}),
        }
    )


def _decayed(matrix: np.ndarray, seed: int) -> xr.Dataset:
    """One ensemble with `eq.noise.Annealed`, from the small start, and its singular values on the way."""
    problem = eq.problems.factorization(matrix, rank=WIDTH)
    stds = noise_stds(DECAY_LEVEL, DECAY_GAMMA)
    annealed = tuple(eq.noise.Annealed(std, DECAY_STEPS / 20, DECAY_STEPS) for std in stds)
    method = eq.dynamics.PerturbedGD(DECAY_STEP, eq.noise.Gaussian(annealed))
    options: dict[str, Any] = {"steps": DECAY_STEPS, "every": DECAY_STEPS // 50, "replicates": 10}
    names = ("relative_error", "balance", "singular_values")
    start, first = eq.initial.Gaussian(START), further_seed(seed, Offset.DECAY)
    return run(problem, method, start, names=names, seed=first, **options).dataset[list(names)]


def distance(averages: xr.Dataset) -> xr.DataArray:
    """‖mean − predicted‖/‖M‖ for each noise and step size."""
    return _norm(averages["mean"] - averages["predicted"])


def extrapolated(averages: xr.Dataset) -> xr.DataArray:
    """The same distance of twice the mean at half the step size less that at all of it: η → 0."""
    whole, half = (averages.sel(step_size=size, drop=True) for size in STEP_SIZES)
    return _norm(2 * half["mean"] - whole["mean"] - half["predicted"])


def _norm(matrix: xr.DataArray) -> xr.DataArray:
    return (matrix**2).sum(("row", "column"), skipna=False) ** 0.5 / float(np.linalg.norm(VALUES))


def check(data: Data) -> list[Check]:
    """The mean is the soft-thresholded M up to the step size; what is lost is lost; decaying noise gives it back."""
    averages, decay = data["averages"], data["decay"]
    last, first = decay.isel(step=-1), decay.sel(step=slice(None, DECAY_STEPS // 20))
    lowered = averages["mean"].isel(row=1, column=1, step_size=-1)
    return [
        at_most("largest ‖mean of XYᵀ − soft-thresholded M‖/‖M‖, η = 0.01", largest(distance(averages)[:, -1]), 0.015),
        at_most("largest of the same, extrapolated to η = 0", largest(extrapolated(averages)), 0.008),
        near("√(ab) = 0.25: second singular value of the mean", lowered[0], VALUES[1] - 0.25, 0.015),
        near("√(ab) = 0.5: second singular value of the mean", lowered[1], VALUES[1] - 0.5, 0.015),
        near("√(ab) = 0.5, γ = 2: second singular value of the mean", lowered[2], VALUES[1] - 0.5, 0.015),
        near("√(ab) = 1.2: second singular value of the mean", lowered[3], 0.0, 0.015),
        near(
            "√(ab) = 0.5, γ = 2: mean balance over γ", averages["balance"][2, -1] / averages["gamma"][2, -1], 1.0, 0.04
        ),
        at_least(
            "decaying noise: largest relative error while it is strong", largest(first["relative_error"][:, -1]), 0.2
        ),
        at_most("decaying noise: largest relative error at the end", largest(last["relative_error"]), 0.01),
        near("decaying noise: mean balance at the end over γ", last["balance"].mean() / DECAY_GAMMA, 1.0, 0.05),
    ]


def judge(data: Data) -> Judgement:
    """Both halves must hold: the threshold as η → 0, and its removal."""
    averages, last = data["averages"], data["decay"].isel(step=-1)
    away, first = largest(extrapolated(averages)), largest(distance(averages)[:, 0])
    error, balance = largest(last["relative_error"]), float(last["balance"].mean())
    return jointly(
        judged(
            at_most("largest ‖mean of XYᵀ − soft-thresholded M‖/‖M‖, extrapolated to η = 0", away, 0.008),
            f"The mean differs from the soft-thresholded M by at most {first:.2g} ‖M‖ at η = {STEP_SIZES[0]:g}, and "
            f"by {away:.2g} ‖M‖ if extrapolated to η = 0.",
        ),
        judged(
            at_most("decaying noise: largest relative error at the end", error, 0.01),
            f"After the noise has decayed the relative error is at most {error:.1g}.",
        ),
        judged(
            near("decaying noise: mean balance at the end", balance, DECAY_GAMMA, 0.1),
            f"After the noise has decayed the balance is {balance:.3f}; that of the noise is {DECAY_GAMMA:g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """Singular values of the mean against the line of soft thresholding, and their return as the noise decays."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.3))
    left, right = axes[0]
    averages = data["averages"].isel(step_size=-1)
    levels, count = np.linspace(0, 1.3, 100), len(VALUES)
    for number, value in enumerate(VALUES):
        left.plot(levels, np.clip(value - levels, 0, None), color=eq.plots.PALETTE[number], label=f"σ = {value:g}")
        seen = np.diagonal(averages["mean"].values, axis1=1, axis2=2)[:, number]
        left.plot([level for level, _ in SETTINGS], seen, "os^"[number], color=eq.plots.PALETTE[number])
    left.set_xlabel("threshold √(ab)")
    left.set_ylabel("singular values of the mean of XYᵀ")
    eq.plots.add_legend(left)
    values = data["decay"]["singular_values"].median("replicate")
    for number in range(count):
        right.plot(values["step"], values.values[:, number], color=eq.plots.PALETTE[number])
        right.axhline(VALUES[number], color=eq.plots.PALETTE[number], ls=":", lw=1)
    right.set_xlabel("steps, while the noise decays")
    right.set_ylabel("singular values of XYᵀ")
    return figure


CLAIM = Claim(
    id="softthreshold",
    source="Proposition 1",
    statement="Perturbed GD with constant Gaussian noise stays, up to its step size, around M with every singular "
    "value lowered by √(ab) = √(d1 d2) s1 s2, or to 0 if it is smaller. Only the product of the two noises counts "
    "for this, and only their ratio for the balance. With noise that decays all of M returns, balanced as before.",
    printed=Printed(
        "As η → 0 the mean of XYᵀ in the stationary law is M soft-thresholded by √(ab); noise that decays slowly "
        "removes this bias, and the balance stays that of the noise.",
        judge,
    ),
    run=experiment,
    check=check,
    draw=draw,
    choices=f"M is 12 x 8 with singular values 2, 1 and 0.3, and the factors have {WIDTH} columns, one more than "
    "needed. Thresholds of 0.25, 0.5 (γ = 1 and 2) and 1.2; η = 0.02 and 0.01; means over times from 30 to "
    f"{FULL_TIME:g} and {FULL_REPLICATES} replicates (quick: to {TIME:g}, {REPLICATES}). The noise that decays "
    "starts at a threshold of 0.5 with γ = 2 and falls as 1/t to 0, ten replicates. Known: that such penalties make "
    "the nuclear norm, Srebro, Rennie and Jaakkola (2005); its soft threshold, Cai, Candès and Shen (2010); the "
    "minimum for √(ab) below all singular values, Liu et al. (2021), Theorem 2.",
)
