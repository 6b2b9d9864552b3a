"""Lemma 4: the parts off the signal shrink to O(η)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import SHAPE, SIGMA_SQUARED, STD_Y, ensemble, instance, perturbed
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged


def run(quick: bool, seed: int) -> Data:
    """One ensemble for each step size, from starts of norm about 1.5, over 60/η steps."""
    sizes = np.array([2e-2, 1e-2, 2.5e-3] if quick else [1e-2, 5e-3, 2.5e-3, 1.25e-3, 6.25e-4])
    runs = [
        ensemble(
            instance(1),
            perturbed(size),
            eq.initial.Gaussian(0.3),
            steps=round(60 / size),
            replicates=10 if quick else 50,
            seed=further_seed(seed, Offset.LEMMA4, number),
            every=round(0.4 / size),
        ).assign_coords(step=("step", np.arange(151) * 0.4))
        for number, size in enumerate(sizes)
    ]
    joined = xr.concat(runs, xr.DataArray(sizes, dims="step_size", name="step_size"), combine_attrs="override")
    return {"paths": joined.rename(step="time")}


def predicted(size: xr.DataArray, side: int) -> xr.DataArray:
    """The long-run mean E‖x − (u*ᵀx)u*‖², from the linear recursion x⊥ ← (1 − ηs)x⊥ − ηs ξ⊥ with s = ‖ỹ‖².

    v = η E[s²] (d−1) std² / (2E[s] − ηE[s²]), where E[s] = 1 and Var[s] = 4(1−σ²)std² + 2d std⁴ with d and std of the
    other side.
    """
    std = (SIGMA_SQUARED / SHAPE[side]) ** 0.5
    other = (SIGMA_SQUARED / SHAPE[1 - side]) ** 0.5
    square = 1 + 4 * (1 - SIGMA_SQUARED) * other**2 + 2 * SHAPE[1 - side] * other**4
    return size * square * (SHAPE[side] - 1) * std**2 / (2 - size * square)


def _stationary(data: Data, side: int) -> xr.DataArray:
    """The mean of the squared part off the signal over replicates and the second half of the time."""
    paths = data["paths"]
    late = paths[f"off_signal_{'xy'[side]}"].isel(time=slice(paths.sizes["time"] // 2, None))
    return (late**2).mean(("replicate", "time"), skipna=False)


def check(data: Data) -> list[Check]:
    """The part off the signal is proportional to η, as large as the recursion predicts, and below the lemma's bound."""
    together = _stationary(data, 0) + _stationary(data, 1)
    law = eq.analysis.power_law(together["step_size"], together)
    checks = [near("exponent of ‖x⊥‖² + ‖y⊥‖² in η", law.exponent.estimate, 1.0, 0.05)]
    for side, name in enumerate("xy"):
        measured = _stationary(data, side)
        ratio = measured / predicted(measured["step_size"], side)
        checks += [
            near(f"‖{name}⊥‖² over its prediction, mean over η", ratio.mean(), 1.0, 0.05),
            at_most(f"largest ‖{name}⊥‖² over the lemma's bound 2ηC₂/σ²", largest(measured / _bound(measured)), 1.0),
        ]
    return checks


def _bound(measured: xr.DataArray) -> xr.DataArray:
    """2 η C₂ σ⁻², C₂ = (σ² + σ⁻²)(2σ⁻⁴ + 6/d1 + 6/d2 + 6σ⁴)."""
    s = SIGMA_SQUARED
    constant = (s + 1 / s) * (2 / s**2 + 6 / SHAPE[0] + 6 / SHAPE[1] + 6 * s**2)
    return 2 * measured["step_size"] * constant / s


def draw(data: Data) -> Figure:
    """The squared part off the signal against time, and its long-run mean against the step size."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.1))
    paths = data["paths"]
    square = (paths["off_signal_x"] ** 2).mean("replicate")
    label = {"long_name": "part of x off the signal, squared", "formula": "‖x⊥‖²", "units": "1"}
    groups = {f"η = {float(size):g}": square.sel(step_size=size).assign_attrs(label) for size in paths["step_size"]}
    paths["time"].attrs.update(long_name="time", formula="ηt", units="1")
    eq.plots.draw_paths(axes[0, 0], groups, along="time", logarithmic="y")
    for side, name in enumerate("xy"):
        measured = _stationary(data, side)
        axes[0, 1].plot(measured["step_size"], measured, "os"[side], label=f"‖{name}⊥‖², measured")
        axes[0, 1].plot(measured["step_size"], predicted(measured["step_size"], side), "-", label="predicted")
    axes[0, 1].set(xscale="log", yscale="log", xlabel="step size η", ylabel="long-run mean")
    axes[0, 1].legend()
    return figure


def judge(data: Data) -> Judgement:
    """The printed bound on the parts off the signal."""
    worst = max(largest(_stationary(data, side) / _bound(_stationary(data, side))) for side in (0, 1))
    return judged(
        at_most("squared part off the signal over 2ηC₂/σ², largest", worst, 1.0),
        f"The squared part off the signal is {worst:.1g} of the printed bound.",
    )


CLAIM = Claim(
    id="lemma4",
    shares="theorem1",
    source="Lemma 4, Section 3 (Phase I)",
    statement="The parts of x and y off the signal vanish from any start, down to a squared norm proportional to "
    "the step size and below 2ηC₂/σ².",
    printed=Printed(
        "While ‖x‖² + ‖y‖² ≤ 2/σ², the squared parts of x and y off the signal are at most 2ηC₂/σ² with probability at "
        "least 1 − δ, from τ₁ = O(η⁻¹σ⁻² log(1/η) log(1/δ)) to T₁ = O(1/η²).",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"Starts of standard deviation 0.3, noise of Figure 2 (std_y = {STD_Y}). The lemma bounds; the "
    "recursion of the part off the signal also predicts, and the prediction is checked.",
)
