"""Sections 3 and 5: gradient descent drifts from what the flow conserves, in proportion to the step size."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.du2018.shared.flows import REPLICATES, SLOPES, instance, mixture, start
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

STD, TIME = (0.2, 0.3, 0.4), 2.0
STEPS, FULL_STEPS = (400, 800, 1600, 3200), (200, 400, 800, 1600, 3200, 6400, 12_800)
ACTIVATIONS = ("linear", "ReLU")

EXACT, SMALL = 1e-10, 0.01
"""Below the first a relative drift would be rounding; up to the second it is read as "small"."""


def gradient_squares(problem: Any, theta: Any) -> Any:
    """‖∂L/∂W_h‖² of each layer."""
    return jnp.stack([jnp.sum(g**2) for g in problem.gradient(theta)])


def run(quick: bool, seed: int) -> Data:
    """Gradient descent over the same time with several step sizes, for each activation."""
    names = ACTIVATIONS if quick else tuple(SLOPES)
    counts = STEPS if quick else FULL_STEPS
    rows = [xr.concat([_path(name, count, seed) for count in counts], "step_size") for name in names]
    activation = xr.DataArray(list(names), dims="activation", name="activation")
    every_step = _path("ReLU", min(counts), seed, looks=min(counts))
    return {"paths": xr.concat(rows, activation, combine_attrs="drop"), "every_step": every_step}


def _path(name: str, steps: int, seed: int, looks: int = 100) -> xr.Dataset:
    """One ensemble of `steps` steps with `looks` looks."""
    problem = instance([mixture(name)] * 2, seed)
    observables = ("loss", "squared_norms", eq.observables.norm_differences(checked=False), gradient_squares)
    ran = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(TIME / steps),
        eq.initial.Given(start(problem, STD, seed)),
        seed=0,
        steps=steps,
        replicates=REPLICATES,
        record=eq.Record(every=steps // looks, observables=observables),
        progress=False,
    ).dataset
    about = {"long_name": "time", "formula": "ηt", "units": "1"}
    times = xr.DataArray(np.linspace(0, TIME, looks + 1), dims="step", attrs=about)
    ran = ran.drop_vars("time").assign_coords(step=times).rename(step="time", gradient_squares_axis_0="layer")
    return ran.assign_coords(step_size=TIME / steps)


def drifts(paths: xr.Dataset) -> xr.DataArray:
    """The change of each difference from start to end."""
    differences = paths["norm_differences"]
    return differences.isel(time=-1) - differences.isel(time=0)


def predicted(paths: xr.Dataset) -> xr.DataArray:
    """η ∫(‖∂L/∂W_h‖² − ‖∂L/∂W_{h+1}‖²) dt along the path of the smallest steps: the drift to first order in η."""
    finest = paths["gradient_squares"].isel(step_size=int(np.argmin(paths["step_size"].values)), drop=True)
    integral = finest.integrate("time").rename(layer="pair")
    return paths["step_size"] * (integral.isel(pair=slice(None, -1)) - integral.isel(pair=slice(1, None)))


def off_the_identity(every_step: xr.Dataset) -> float:
    """The error of the identity "change per step = η²(‖∂L/∂W_h‖² − ‖∂L/∂W_{h+1}‖²)", over the largest squared norm.

    In a step, ‖W − ηG‖² = ‖W‖² − 2η⟨W, G⟩ + η²‖G‖², and ⟨W_h, G_h⟩ is the same for all layers.
    """
    squares = every_step["gradient_squares"].isel(time=slice(None, -1)).values
    wanted = float(every_step["step_size"]) ** 2 * (squares[..., :-1] - squares[..., 1:])
    found = np.diff(every_step["norm_differences"].values, axis=1)
    return float(abs(found - wanted).max() / every_step["squared_norms"].values.max())


def check(data: Data) -> list[Check]:
    """The exponent of the drift in η is 1, and the constant is that of the identity for one step."""
    paths = data["paths"]
    typical = abs(drifts(paths)).median(("replicate", "pair"), skipna=False)
    off = off_the_identity(data["every_step"])
    checks = [at_most("largest distance of a step's change from η²(‖G_h‖² − ‖G_{h+1}‖²), relative", off, 1e-13)]
    for name in paths["activation"].values:
        law = eq.analysis.power_law(paths["step_size"], typical.sel(activation=name))
        checks += [
            near(f"exponent of the drift in η, {name}", law.exponent.estimate, 1.0, 0.05),
            at_most(f"half-width of its 99.9 % interval, {name}", (law.exponent.high - law.exponent.low) / 2, 0.1),
        ]
    finest = int(np.argmin(paths["step_size"].values))
    found, wanted = (part.isel(step_size=finest) for part in (drifts(paths), predicted(paths)))
    away = (((found - wanted) ** 2).mean(("replicate", "pair")) / (wanted**2).mean(("replicate", "pair"))) ** 0.5
    moved = abs(paths["squared_norms"].isel(time=-1) - paths["squared_norms"].isel(time=0)).max("layer")
    checks += [
        at_most("distance of the drift from its first order at the smallest η, relative", largest(away), 0.05),
        at_least("median change of the layers' squared norms", moved.median(skipna=False), 0.1),
    ]
    return checks


def judge(data: Data) -> Judgement:
    """The invariants are left, by little if the steps are short."""
    paths = data["paths"]
    moved = abs(paths["squared_norms"].isel(time=-1) - paths["squared_norms"].isel(time=0)).max("layer")
    relative = (abs(drifts(paths)).max("pair") / moved).median(("activation", "replicate"), skipna=False)
    by_size = relative.sortby("step_size")
    short, long = float(by_size[0]), float(by_size[-1])
    return jointly(
        judged(
            at_least("median drift with the longest steps, relative", long, EXACT),
            f"With the longest steps the median drift is {long:.1g} of what the norms move, and not 0.",
        ),
        judged(
            at_most("median drift with the shortest steps, relative", short, SMALL),
            f"With the shortest steps the median drift is {short:.1g} of what the norms move, read as small up to "
            f"{SMALL:g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """The drift along one path for each step size, and the drift at the end against the step size."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(3.8, 3.3))
    paths = data["paths"]
    one = paths["norm_differences"].sel(activation="ReLU").isel(replicate=0, pair=0)
    for number in range(one.sizes["step_size"]):
        line = one.isel(step_size=number)
        axes[0, 0].plot(one["time"], line - line.isel(time=0), label=f"η = {float(line['step_size']):.3g}")
    axes[0, 0].legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=7)
    eq.plots.label_axes(axes[0, 0], "time ηt", "change of ‖W₁‖² − ‖W₂‖²")
    for name, mark in zip(paths["activation"].values, "os^", strict=False):
        found, wanted = (
            abs(part.sel(activation=name)).median(("replicate", "pair")) for part in (drifts(paths), predicted(paths))
        )
        (points,) = axes[0, 1].plot(paths["step_size"], found, mark, label=f"{name}, measured")
        axes[0, 1].plot(paths["step_size"], wanted, "-", color=points.get_color(), label=f"{name}, first order")
    eq.plots.logarithmic_axis(axes[0, 1], "x")
    eq.plots.logarithmic_axis(axes[0, 1], "y")
    axes[0, 1].legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, fontsize=7)
    eq.plots.label_axes(axes[0, 1], "step size η", f"median drift after time {TIME:g}")
    eq.plots.label_panels(axes.flat, ["ReLU, one path", "Against the step size"])
    return figure


CLAIM = Claim(
    id="discretization",
    source="Section 3, after Theorem 3.1; Section 4; Section 5",
    statement="Gradient descent with step size η leaves the invariants of the flow; after a fixed time η·t the drift "
    "is proportional to η: each step adds η²(‖∂L/∂W_h‖² − ‖∂L/∂W_{h+1}‖²).",
    printed=Printed(
        "The invariants are those of gradient flow; with a positive step size they hold only approximately, and the "
        "differences can be hoped to remain small if the step size is small.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="4 → 8 → 6 → 2, data and starts as for Theorem 2.1, time 2 in 400 to 3200 steps (200 to 12 800 in "
    "the full form). What a step adds is not in the paper; it follows from the same proof. The exponent is that of the "
    "median of the absolute drifts: a path that a longer step takes across a ReLU's kink may go elsewhere.",
)
