"""Lemma 4: the parts off the signal shrink to O(η), at every step and from huge starts too."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.every_step import largest_between, thinned
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import (
    SHAPE,
    SIGMA_SQUARED,
    STD_Y,
    ensemble,
    horizon,
    instance,
    order,
    perturbed,
)
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

STEP_SIZE, PARTS = 1e-2, ("off_signal_x", "off_signal_y")
"""The step size of the huge starts, and the recorded sizes of the parts off the signal."""


def run(quick: bool, seed: int) -> Data:
    """From starts of norm about 2, one ensemble for each step size, over 60/η steps; from huge ones, 1/η² steps."""
    sizes = np.array([2e-2, 1e-2, 4e-3] if quick else [1e-2, 5e-3, 2.5e-3, 1.25e-3])
    replicates = 10 if quick else 50
    seeds = [further_seed(seed, Offset.LEMMA4, number) for number in range(10)]
    runs = [_followed(size, 0.3, round(60 / size), replicates, own) for size, own in zip(sizes, seeds, strict=False)]
    axis = xr.DataArray(sizes, dims="step_size", name="step_size")
    times = [ran.assign_coords(step=0.4 * np.arange(ran.sizes["step"])) for ran in runs]
    joined = xr.concat(times, axis, combine_attrs="override").rename(step="time")
    joined["time"].attrs.update(long_name="time", formula="ηt", units="1")
    return {"paths": joined, "huge": _followed(STEP_SIZE, 1.5, horizon(STEP_SIZE), replicates, seeds[-1])}


def _followed(size: float, start_std: float, steps: int, replicates: int, seed: int) -> xr.Dataset:
    """The parts off the signal each 0.4/η steps, with their largest values and that of ‖x‖² + ‖y‖² in between."""
    every, start = round(0.4 / size), eq.initial.Gaussian(start_std)
    whole = ensemble(instance(1), perturbed(size), start, steps=steps, replicates=replicates, seed=seed, every=1)
    square = whole["norm_x"] ** 2 + whole["norm_y"] ** 2
    kept = {name: thinned(whole[name], every) for name in PARTS}
    most = {f"largest_{name}": largest_between(whole[name], every) for name in PARTS}
    most["largest_square"] = largest_between(square, every).assign_attrs(
        long_name="largest squared norm since the last look", formula="‖x‖² + ‖y‖²", units="1"
    )
    return xr.Dataset({**kept, **most})


def predicted(size: Any, side: int) -> Any:
    """The long-run mean E‖x − (u*ᵀx)u*‖², from the linear recursion x⊥ ← (1 − ηs)x⊥ − ηs ξ⊥ with s = ‖ỹ‖².

    v = η E[s²] (d−1) std² / (2E[s] − ηE[s²]), where E[s] = 1 and Var[s] = 4(1−σ²)std² + 2d std⁴ with d and std of the
    other side.
    """
    std = (SIGMA_SQUARED / SHAPE[side]) ** 0.5
    other = (SIGMA_SQUARED / SHAPE[1 - side]) ** 0.5
    square = 1 + 4 * (1 - SIGMA_SQUARED) * other**2 + 2 * SHAPE[1 - side] * other**4
    return size * square * (SHAPE[side] - 1) * std**2 / (2 - size * square)


def _late(data: Data) -> xr.Dataset:
    """The second half of the time, from ηt = 30 on."""
    return data["paths"].isel(time=slice(data["paths"].sizes["time"] // 2, None))


def _stationary(data: Data, side: int) -> xr.DataArray:
    """The mean of the squared part off the signal over replicates and the second half of the time."""
    return (_late(data)[PARTS[side]] ** 2).mean(("replicate", "time"), skipna=False)


def _largest(data: Data, side: int) -> xr.DataArray:
    """The largest squared part off the signal, of every replicate and every step of the second half of the time."""
    return (_late(data)[f"largest_{PARTS[side]}"] ** 2).max(("replicate", "time"), skipna=False)


def _largest_from_afar(data: Data, side: int) -> float:
    """The largest squared part off the signal from the huge starts, of every step from τ₁ to T₁."""
    return largest(eq.analysis.since(data["huge"], order(STEP_SIZE))[f"largest_{PARTS[side]}"] ** 2)


def check(data: Data) -> list[Check]:
    """Mean and maximum are proportional to η, as large as the recursion predicts; huge starts end the same."""
    mean, most = (each(data, 0) + each(data, 1) for each in (_stationary, _largest))
    exponents = [eq.analysis.power_law(each["step_size"], each).exponent.estimate for each in (mean, most)]
    checks = [
        near("exponent of ‖x⊥‖² + ‖y⊥‖² in η", exponents[0], 1.0, 0.05),
        near("exponent of the largest ‖x⊥‖² + ‖y⊥‖² in η", exponents[1], 1.0, 0.25),
    ]
    for side, name in enumerate("xy"):
        measured, highest = _stationary(data, side), _largest(data, side)
        expected = predicted(measured["step_size"], side)
        afar = _largest_from_afar(data, side) / float(predicted(STEP_SIZE, side))
        checks += [
            near(f"‖{name}⊥‖² over its prediction, mean over η", (measured / expected).mean(), 1.0, 0.05),
            at_most(f"largest ‖{name}⊥‖² of every step over the predicted mean", largest(highest / expected), 5.0),
            at_most(f"huge starts: largest ‖{name}⊥‖² of every step over the predicted mean", afar, 5.0),
        ]
    limit = 2 / SIGMA_SQUARED
    first = data["huge"]["largest_square"].isel(step=0)
    return [
        *checks,
        at_most("largest ‖x‖² + ‖y‖² of every step over 2/σ²", largest(data["paths"]["largest_square"]) / limit, 1.0),
        at_least("huge starts: smallest ‖x‖² + ‖y‖² at the start over 2/σ²", smallest(first) / limit, 1.5),
    ]


def _bound(step_size: Any) -> Any:
    """2 η C₂ σ⁻², C₂ = (σ² + σ⁻²)(2σ⁻⁴ + 6/d1 + 6/d2 + 6σ⁴)."""
    s = SIGMA_SQUARED
    constant = (s + 1 / s) * (2 / s**2 + 6 / SHAPE[0] + 6 / SHAPE[1] + 6 * s**2)
    return 2 * step_size * constant / s


def judge(data: Data) -> Judgement:
    """The printed bound, at every step from τ₁ to T₁ from huge starts, and at every step of the late time of others."""
    sides = (0, 1)
    near_by = max(largest(_largest(data, side) / _bound(data["paths"]["step_size"])) for side in sides)
    afar = max(_largest_from_afar(data, side) for side in sides) / _bound(STEP_SIZE)
    name = "largest squared part off the signal of every step, over 2ηC₂/σ²"
    return jointly(
        judged(
            at_most(name, near_by, 1.0),
            f"The largest squared part off the signal of every step is {near_by:.1g} of the printed bound.",
        ),
        judged(
            at_most(f"{name}, from huge starts", afar, 1.0),
            f"From huge starts the largest squared part off the signal from τ₁ to T₁ is {afar:.1g} of the bound.",
        ),
    )


def draw(data: Data) -> Figure:
    """The squared part off the signal against time, and its long-run mean against the step size."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.1))
    paths = data["paths"]
    square = (paths["off_signal_x"] ** 2).mean("replicate")
    label = {"long_name": "part of x off the signal, squared", "formula": "‖x⊥‖²", "units": "1"}
    groups = {f"η = {float(size):g}": square.sel(step_size=size).assign_attrs(label) for size in paths["step_size"]}
    eq.plots.draw_paths(axes[0, 0], groups, along="time", logarithmic="y")
    for side, name in enumerate("xy"):
        measured = _stationary(data, side)
        axes[0, 1].plot(measured["step_size"], measured, "os"[side], label=f"‖{name}⊥‖², measured")
        axes[0, 1].plot(measured["step_size"], predicted(measured["step_size"], side), "-", label="predicted")
    axes[0, 1].set(xscale="log", yscale="log", xlabel="step size η", ylabel="long-run mean")
    sizes = paths["step_size"].values
    axes[0, 1].set_xticks(sizes, [f"{size:g}" for size in sizes])
    axes[0, 1].set_xticks([], minor=True)
    eq.plots.add_legend(axes[0, 1])
    return figure


CLAIM = Claim(
    id="lemma4",
    shares="theorem1",
    source="Lemma 4, Section 3 (Phase I)",
    statement="The parts of x and y off the signal shrink to a squared norm proportional to the step size, in the mean "
    "and at most, and stay there at every step. So they do from huge starts, where ‖x‖² + ‖y‖² is beyond the 2/σ² of "
    "the lemma at first.",
    printed=Printed(
        "While ‖x‖² + ‖y‖² ≤ 2/σ², the squared parts of x and y off the signal are at most 2ηC₂/σ² with probability at "
        "least 1 − δ, from τ₁ = O(η⁻¹σ⁻² log(1/η) log(1/δ)) to T₁ = O(1/η²).",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"Starts of standard deviation 0.3, where ‖x‖² + ‖y‖² ≤ 2/σ² holds at every step, and of 1.5; noise of "
    f"Figure 2 (std_y = {STD_Y}). The lemma bounds; the recursion of the part off the signal also predicts, and the "
    f"prediction is checked. Every step counts: of ηt = 30 to 60, and from huge starts at η = {STEP_SIZE} from "
    "τ₁ = log(1/η)/(ησ²) to T₁ = 1/η².",
)
