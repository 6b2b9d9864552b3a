"""Lemma 6: the loss falls to the level that the noise sets, and stays there at every step."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.liu2021.shared.every_step import largest_between, smallest_between, thinned
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import SHAPE, ensemble, instance, perturbed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

LEVEL, VARIANCE = 0.1, 0.04
LONGEST = 7.0
"""The largest time of arrival below ε in units of log(1/σ)/η; the constant of τ₃ is open."""
EPSILON_PER_VARIANCE = 3.0
PRODUCTS, BALANCE, OFF_SIGNAL = (0.5, 2.0), 4.0, 0.5
"""The range of xᵀMy at the start, the largest balance or inverse of it there, and the largest part off the signal."""
VARIANCES = np.array([0.08, 0.04, 0.02])
STEP_SIZES = np.array([1e-2, 5e-3, 2.5e-3])
TIME, SHORT_TIME, LATE = 30, 10, 15


def starts(replicates: int, seed: int) -> Any:
    """Random xᵀMy, balances, and parts off the signal; the same for every noise and step size."""
    random = generator(seed)
    product = random.uniform(*PRODUCTS, replicates)
    balance = BALANCE ** random.uniform(-1, 1, replicates)
    factors = []
    for dimension, size in zip(SHAPE, (np.sqrt(product * balance), np.sqrt(product / balance)), strict=True):
        factor = random.standard_normal((replicates, dimension, 1))
        factor[:, 0] = 0
        length = OFF_SIGNAL * random.uniform(0, 1, replicates) / np.linalg.norm(factor, axis=(1, 2))
        factor *= length[:, None, None]
        factor[:, 0, 0] = size
        factors.append(factor)
    return eq.initial.Given(tuple(factors))


def run(quick: bool, seed: int) -> Data:
    """Several noise levels at one small step size, and several step sizes at one noise level, from random starts."""
    fine = 5e-3 if quick else 1e-3
    by_noise = _grid(fine, VARIANCES, TIME, quick, seed)
    by_step_size = _grid(STEP_SIZES, VARIANCE, SHORT_TIME, quick, seed)
    return {
        "by_noise": xr.concat(by_noise, xr.DataArray(VARIANCES, dims="variance", name="variance")),
        "by_step_size": xr.concat(by_step_size, xr.DataArray(STEP_SIZES, dims="step_size", name="step_size")),
    }


def _grid(sizes: Any, variances: Any, time: int, quick: bool, seed: int) -> list[xr.Dataset]:
    """One ensemble for each step size and σ², until ηt = `time`."""
    replicates = 10 if quick else 50
    start = starts(replicates, seed)
    runs = []
    for number, (size, variance) in enumerate(zip(*np.broadcast_arrays(sizes, variances), strict=True)):
        own = further_seed(seed, Offset.LEMMA6, number)
        noisy = perturbed(float(size), std_y=float(variance / SHAPE[1]) ** 0.5)
        steps = round(time / size)
        whole = ensemble(instance(1), noisy, start, steps=steps, replicates=replicates, seed=own, every=1)
        runs.append(_followed(whole, round(0.1 / size), size, EPSILON_PER_VARIANCE * variance))
    return runs


def _followed(whole: xr.Dataset, every: int, size: float, epsilon: float) -> xr.Dataset:
    """The residual at each 0.1 of time, its largest value and the least xᵀMy in between, and the first times below."""
    residual = ((2 * whole["loss"]) ** 0.5).assign_attrs(long_name="residual", formula="‖xyᵀ − M‖", units="1")
    square = (whole["norm_x"] ** 2 + whole["norm_y"] ** 2).assign_attrs(formula="‖x‖² + ‖y‖²", units="1")
    kept = {
        "residual": thinned(residual, every),
        "largest_residual": largest_between(residual, every).assign_attrs(residual.attrs),
        "square": thinned(square, every),
        "least_alignment": smallest_between(whole["alignment"], every),
    }
    arrivals = {
        "arrival": size * eq.analysis.first_passage(residual, below=LEVEL),
        "arrival_at_epsilon": size * eq.analysis.first_passage(residual, below=epsilon),
    }
    times = 0.1 * np.arange(kept["residual"].sizes["step"])
    return xr.Dataset({**kept, **arrivals}).assign_coords(step=times).rename(step="time")


def late(data: Data) -> xr.Dataset:
    """The grid of noise levels from ηt = 15 on."""
    return data["by_noise"].sel(time=slice(LATE, None))


def delay(data: Data) -> float:
    """The latest arrival below ε, in units of log(1/σ)/η; NaN if a replicate never arrives."""
    grid = data["by_noise"]
    return largest(grid["arrival_at_epsilon"] / np.log(grid["variance"] ** -0.5))


def check(data: Data) -> list[Check]:
    """The residual falls below ε ∝ σ² and stays there at every step; it is as predicted; the time to it is ∝ 1/η."""
    ending = late(data)
    variance = ending["variance"]
    mean = ending["residual"].mean(("replicate", "time"), skipna=False)
    law = eq.analysis.power_law(variance, mean)
    predicted = 2 * variance / ending["square"]
    ratio = (ending["residual"] / predicted).mean(("replicate", "time"), skipna=False)
    steps = data["by_step_size"]["arrival"] / data["by_step_size"]["step_size"]
    time = eq.analysis.power_law(STEP_SIZES, steps.median("replicate", skipna=False).values)
    spread = data["by_step_size"]["arrival"].max("replicate") / data["by_step_size"]["arrival"].min("replicate")
    hypothesis = min(smallest(grid["least_alignment"]) for grid in data.values())
    return [
        at_least("smallest xᵀMy of every step, the hypothesis", hypothesis, 0.25),
        at_most(
            "largest residual of every step from ηt = 15 on, over σ²",
            largest(ending["largest_residual"] / variance),
            EPSILON_PER_VARIANCE,
        ),
        near("exponent of the mean residual in σ²", law.exponent.estimate, 1.0, 0.15),
        near("residual over 2σ²/(‖x‖² + ‖y‖²), mean", ratio.mean(), 1.0, 0.15),
        near("exponent of the median time of arrival in η", time.exponent.estimate, -1.0, 0.2),
        at_least("latest over earliest arrival among the starts, smallest over η", smallest(spread), 1.5),
        at_most("latest arrival below ε, in units of log(1/σ)/η", delay(data), LONGEST),
    ]


def judge(data: Data) -> Judgement:
    """The residual is at most ε at every step from 15/η on; it comes below in the printed time."""
    worst = largest(late(data)["largest_residual"] / late(data)["variance"])
    return jointly(
        judged(
            at_most("largest residual of every step from ηt = 15 on, over σ²", worst, EPSILON_PER_VARIANCE),
            f"From 15/η steps on the largest residual of every step is {worst:.2g}σ², where ε is taken as "
            f"{EPSILON_PER_VARIANCE:g}σ².",
        ),
        judged(
            at_most("latest arrival below ε, in units of log(1/σ)/η", delay(data), LONGEST),
            f"The latest arrival below ε is after {delay(data):.2g} log(1/σ)/η steps.",
        ),
    )


CLAIM = Claim(
    id="lemma6",
    shares="theorem1",
    source="Lemma 6, Section 3 (Phase II)",
    statement="While xᵀMy ≥ 1/4, ‖xyᵀ − M‖ falls below ε and stays there at every step, for noise with σ² of the order "
    "of ε, within a number of steps of the order of 1/η, from unbalanced starts with parts off the signal. It ends "
    "near 2σ²/(‖x‖² + ‖y‖²).",
    printed=Printed(
        "While xᵀMy ≥ 1/4, ‖xyᵀ − M‖ ≤ ε with probability at least 1 − δ from τ₃ = O(η⁻¹ log(1/σ) log(1/δ)) to "
        "T₁ = O(1/η²), for σ of the order of √ε.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"Random starts with xᵀMy of {PRODUCTS[0]:g} to {PRODUCTS[1]:g}, balances of 1/{BALANCE:g} to "
    f"{BALANCE:g}, and parts off the signal of norm up to {OFF_SIGNAL:g}. ε is taken as {EPSILON_PER_VARIANCE:g}σ², "
    f"for σ² = 0.08, 0.04 and 0.02, in runs until ηt = {TIME}. The time over η is to the first residual below "
    f"{LEVEL:g} at σ² = {VARIANCE:g}.",
)
