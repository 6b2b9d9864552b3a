"""Speeds: how fast each singular value moves, by its size and by the depth."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.arora2019.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, judged

DEPTHS, SIZE, START = (2, 3, 4), 5, 0.1
STEP, EVERY, LOOKS = 5e-4, 20, 600
"""STEP is the length of a step, EVERY how many of them are between looks."""


def product(problem: Any, theta: Any) -> Any:
    """W"""
    w = theta[0]
    for factor in theta[1:]:
        w = factor @ w
    return w


def run(quick: bool, seed: int) -> Data:
    """W along a flow from a balanced start at each depth, and the truth with its known entries."""
    random = generator(seed, Stream.SPEEDS)
    truth = np.outer(*random.standard_normal((2, SIZE))) + 0.5 * np.outer(*random.standard_normal((2, SIZE)))
    truth *= 2 / np.linalg.norm(truth, 2)
    seen = np.where(random.random((SIZE, SIZE)) < 0.7, truth, np.nan)
    left, _, right = np.linalg.svd(random.standard_normal((SIZE, SIZE)))
    looks, every, step = (LOOKS, EVERY, STEP) if quick else (2 * LOOKS, 10 * EVERY, STEP / 10)
    paths = [_path(seen, left, right, depth, looks, every, step) for depth in DEPTHS]
    depth = xr.DataArray(list(DEPTHS), dims="depth", name="depth", attrs={"long_name": "depth", "units": "1"})
    about = {"long_name": "the known entries, else NaN", "units": "[M]"}
    paths_data = xr.concat(paths, depth, combine_attrs="override")
    return {"paths": paths_data, "entries": xr.Dataset({"entry": (("row", "column"), seen, about)})}


def _path(
    seen: np.ndarray, left: np.ndarray, right: np.ndarray, depth: int, looks: int, every: int, step: float
) -> xr.Dataset:
    problem = eq.problems.completion(seen, parametrization=eq.problems.DeepLinear((SIZE,) * (depth + 1)), scale=0.5)
    root = np.diag((START * np.linspace(1, 0.5, SIZE)) ** (1 / depth))
    start = eq.initial.Given((root @ right, *[root] * (depth - 2), left @ root))
    ran = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(step),
        start,
        seed=0,
        steps=looks * every,
        record=eq.Record(every, (product,)),
        progress=False,
    ).dataset.isel(replicate=0)
    times = ("time", step * ran["step"].values, {"long_name": "time", "units": "1"})
    return (
        ran.drop_vars("time")
        .rename(step="time", product_axis_0="row", product_axis_1="column")
        .assign_coords(time=times)
    )


def speeds(data: Data, depth: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(σ, σ̇ by central differences, σ̇ by the formula) at the inner looks, looks x singular values."""
    paths, entry = data["paths"].sel(depth=depth), data["entries"]["entry"].values
    w, times = paths["product"].values, paths["time"].values
    left, values, right = np.linalg.svd(w)
    measured = (values[2:] - values[:-2]) / (times[2:] - times[:-2])[:, None]
    gradient = np.where(np.isnan(entry), 0.0, w - np.nan_to_num(entry))
    along = np.einsum("tir,tij,trj->tr", left, gradient, right)
    return values[1:-1], measured, (-depth * values ** (2 - 2 / depth) * along)[1:-1]


def misfit(data: Data, depth: int) -> float:
    """The largest distance of both speeds over the largest speed, away from singular values that cross."""
    values, measured, wanted = speeds(data, depth)
    near = np.minimum(np.abs(np.diff(values, axis=1, prepend=np.inf)), np.abs(np.diff(values, axis=1, append=-np.inf)))
    apart = near > 0.02
    return float(np.abs(measured - wanted)[apart].max() / np.abs(measured).max())


def fastest(data: Data, depth: int) -> float:
    """The largest σ̇ over σ̇ at σ = 0.1, of the first singular value: how much it speeds up."""
    _, measured, _ = speeds(data, depth)
    return float(measured[:, 0].max() / measured[0, 0])


def check(data: Data) -> list[Check]:
    """The formula holds at each depth, and large singular values are favored more at greater depth."""
    return [
        *(
            at_most(f"depth {n}: largest distance from the formula, over the largest speed", misfit(data, n), 0.02)
            for n in DEPTHS
        ),
        at_least("how much σ₁ speeds up, depth 3 over depth 2", fastest(data, 3) / fastest(data, 2), 1.1),
        at_least("how much σ₁ speeds up, depth 4 over depth 3", fastest(data, 4) / fastest(data, 3), 1.02),
    ]


def judge(data: Data) -> Judgement:
    """Whether the formula holds."""
    worst = max(misfit(data, depth) for depth in DEPTHS)
    return judged(
        at_most("largest distance from the formula, over the largest speed", worst, 0.02),
        f"The speeds are at most {worst:.1g} of the largest from the formula.",
    )


def draw(data: Data) -> Figure:
    """The singular values over the time at each depth."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.4, 3.0), share_y=True)
    for side, depth in zip(axes[0], DEPTHS, strict=True):
        path = data["paths"].sel(depth=depth)
        values = np.linalg.svd(path["product"].values, compute_uv=False)
        for number in range(SIZE):
            side.plot(path["time"], values[:, number], color=eq.plots.PALETTE[number])
        side.set_xlabel("time")
    axes[0, 0].set_ylabel("singular values of W")
    eq.plots.label_panels(axes.flat, [f"depth {depth}" for depth in DEPTHS])
    return figure


CLAIM = Claim(
    id="speeds",
    source="The analysis of the flow (Theorem 3)",
    statement="From a balanced start the singular values of a product W of N factors move at "
    "σ̇ = −N σ^(2 − 2/N) ⟨∇ℓ(W), u vᵀ⟩: the larger one is, the faster it moves, and the more so the greater the depth.",
    printed=Printed(
        "σ̇ = −N (σ²)^(1 − 1/N) ⟨∇ℓ(W), u vᵀ⟩ for each singular value of W, with its vectors u and v.", judge
    ),
    run=run,
    check=check,
    draw=draw,
    choices="5 x 5, rank 2, seven in ten entries known, singular values of the start 0.1 to 0.05. Gradient descent "
    "with steps of 5e-4 (full: 5e-5); speeds by central differences, where singular values are at least 0.02 apart.",
)
