"""Large steps balance: where gradient descent ends on a factorization, from step sizes of 1/L to 4/L and beyond.

Two grids of runs. The first is the map of (xy − 1)²/2: from which starts it converges, to which minimum, and from which
it diverges. The second is ‖XYᵀ − M‖²/2 for M of rank 1 and 3, by step size and by the curvature L of the start.

    python examples/studies/large_steps.py --out docs/assets/studies     # minutes
    python examples/studies/large_steps.py --quick                       # seconds
"""

import functools
from typing import Any

import numpy as np
import xarray as xr
from running import options, save, swept, write, write_numbers

import equipoise as eq

SHAPE, VALUES, REPLICATES = (12, 10), {1: [1.0], 3: [1.0, 0.8, 0.6]}, 20
TINY = 1e-2
"""The norm of Y at the start."""


def make(relative_step: float, curvature: float, rank: int) -> tuple[Any, Any, Any]:
    """Factorization of M with σ₁ = 1 from orthonormal columns in X and almost nothing in Y, with η = relative_step/L.

    At (sQ, 0) the largest curvature is L = (s² + √(s⁴ + 4σ₁²))/2, so that s² = L − σ₁²/L.
    """
    problem = eq.problems.planted(SHAPE, int(rank), values=VALUES[int(rank)], seed=0)
    drawn = np.random.default_rng(int(rank))
    frames = np.linalg.qr(drawn.standard_normal((REPLICATES, SHAPE[0], int(rank))))[0]
    small = drawn.standard_normal((REPLICATES, SHAPE[1], int(rank)))
    small *= TINY / np.linalg.norm(small, axis=(1, 2), keepdims=True)
    start = eq.initial.Given((np.sqrt(curvature - 1 / curvature) * frames, small))
    return problem, eq.dynamics.GradientDescent(relative_step / curvature), start


def study(quick: bool = False) -> eq.sweeps.Study:
    """η L from 1 to 4.4, L from 2.5 to 20."""
    over = {
        "relative_step": [1.0, 1.9, 2.5, 3.1, 3.9, 4.3] if quick else np.round(np.arange(1.0, 4.45, 0.2), 2).tolist(),
        "curvature": [2.5, 7.0, 20.0] if quick else np.geomspace(2.5, 20, 7).round(2).tolist(),
        "rank": [1, 3],
    }
    steps = 2_000 if quick else 20_000
    record = eq.Record(steps, ("loss", "matrix_gap", "sharpness"))
    return eq.sweeps.Study(make, over, steps=steps, seed=0, replicates=REPLICATES, record=record)


def make_valley(step_size: float, points: int) -> tuple[Any, Any, Any]:
    """(xy − 1)²/2 from a grid of starts, in units of 2/√η; each start is a replicate."""
    grid = scaled(points) * 2 / np.sqrt(step_size)
    y, x = np.meshgrid(grid, grid, indexing="ij")
    start = eq.initial.Given((x.reshape(-1, 1, 1), y.reshape(-1, 1, 1)))
    return eq.problems.factorization(np.ones((1, 1)), rank=1), eq.dynamics.GradientDescent(step_size), start


def scaled(points: int) -> np.ndarray:
    """The coordinates √η x/2 of the starts."""
    return np.linspace(-1.15, 1.15, points)


def valley(quick: bool = False) -> xr.Dataset:
    """The map of (xy − 1)²/2 for four step sizes, with dims (step_size, v, u)."""
    sizes, points, steps = [0.1, 0.5, 0.9, 1.3], 41 if quick else 121, 1_000 if quick else 4_000
    record = eq.Record(steps, ("loss", "matrix_gap"))
    of_points = functools.partial(make_valley, points=points)
    settings: dict[str, Any] = {"steps": steps, "seed": 0, "replicates": points**2, "record": record}
    found = swept(eq.sweeps.Study(of_points, {"step_size": sizes}, **settings))
    grid = scaled(points)
    end = found.isel(step=-1).drop_vars("replicate")
    places = {
        "u": ("u", grid, {"long_name": "start", "formula": "√η x/2", "units": "1"}),
        "v": ("v", grid, {"long_name": "start", "formula": "√η y/2", "units": "1"}),
    }
    shaped = {
        name: (("step_size", "v", "u"), end[name].values.reshape(-1, points, points), end[name].attrs)
        for name in ("loss", "matrix_gap", "status")
    }
    dataset = xr.Dataset(shaped, {"step_size": found["step_size"], **places})
    dataset["step_size"].attrs = {"long_name": "step size", "formula": "η", "units": "1"}
    # the gap in the unit in which the starts are given, of which the largest inside the ellipse is 4/η
    dataset["gap"] = dataset["matrix_gap"] * dataset["step_size"] / 4
    dataset["gap"].attrs = {"long_name": "gap at the end", "formula": "η |x² − y²|/4", "units": "1"}
    return dataset.drop_vars("matrix_gap")


def outside(dataset: xr.Dataset) -> xr.DataArray:
    """u² + v² − ηuv − 1 + η²/4, whose zero is the boundary of the starts that stay: x² + y² − ηxy = 4/η − η."""
    u, v, size = dataset["u"], dataset["v"], dataset["step_size"]
    return (u**2 + v**2 - size * u * v - 1 + size**2 / 4).transpose("step_size", "v", "u")


def catapult(relative_step: np.ndarray, phases: int = 200, small: float = 1e-4) -> np.ndarray:
    """η s at the end over η s at the start, shape (n, phases), of the map (s, p) in the limit of a large start.

    With S = η(x² + y²) and P = ηxy a step is S ← S − P²(4 − S), P ← P(1 − S + P²) where xy is far above σ₁. P begins
    small; `phases` values over one factor S − 1 stand for all of them.
    """
    start = np.repeat(np.asarray(relative_step, float)[:, None], phases, 1)
    p = small * np.maximum(start - 1, 1.01) ** np.linspace(0, 1, phases, endpoint=False)
    s = start.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(20_000):
            s, p = s - p**2 * (4 - s), p * (1 - s + p**2)
    return np.where(np.isfinite(s), s, np.nan) / start


def finished(dataset: xr.Dataset) -> xr.Dataset:
    """The numbers at the end: the gap that is left, and the step size times the sharpness."""
    end, begin = dataset.isel(step=-1), dataset.isel(step=0)
    size = dataset["relative_step"] / dataset["curvature"]
    kept = xr.Dataset({"status": end["status"], "loss": end["loss"]})
    kept["gap_left"], kept["edge"] = end["matrix_gap"] / begin["matrix_gap"], end["sharpness"] * size
    kept["gap_left"].attrs = {"long_name": "share of the gap left", "units": "1"}
    kept["edge"].attrs = {"long_name": "step size times sharpness", "formula": "η λmax", "units": "1"}
    kept["relative_step"].attrs = {
        "long_name": "step size times curvature of the start",
        "formula": "η L",
        "units": "1",
    }
    kept["curvature"].attrs = {"long_name": "curvature of the start", "formula": "L/σ₁", "units": "1"}
    kept["rank"].attrs = {"long_name": "rank"}
    return kept


def along_the_way(curvature: float, quick: bool = False) -> dict[str, xr.Dataset]:
    """η λmax of one replicate from step to step, rank 1, for four step sizes."""
    record, groups = eq.Record(1, "sharpness", growth=0.02), {}
    for relative_step in (1.6, 2.4, 3.0, 3.8):
        problem, method, start = make(relative_step, curvature, 1)
        steps = 1_000 if quick else 20_000
        run = eq.simulate(problem, method, start, seed=0, steps=steps, replicates=1, record=record, progress=False)
        edge = run.dataset["sharpness"] * relative_step / curvature
        attributes = {"long_name": "step size times sharpness", "formula": "η λmax", "units": "1"}
        groups[f"η L = {relative_step:g}"] = run.dataset.assign(edge=edge.assign_attrs(attributes))
    return groups


def draw_valley(dataset: xr.Dataset, stem: Any) -> None:
    """Where starts end: the gap, with the ellipse over it."""
    figure, axes = eq.plots.new_figure(1, dataset.sizes["step_size"], panel=(2.55, 2.9), share_y=True)
    eq.plots.draw_grids(
        axes.flat, dataset, "gap", over="step_size", x="u", y="v", limits=(0, 0.5), logarithmic="", legend=False
    )
    for panel, size in zip(axes.flat, dataset["step_size"].values, strict=True):
        _ellipse(panel, float(size))
    eq.plots.add_legend(axes.flat[0], loc="lower left")
    save(figure, stem)


def _ellipse(panel: Any, size: float) -> None:
    """u² + v² − ηuv = 1 − η²/4, whose half axes are √(1 ± η/2) along u = ±v."""
    angle = np.linspace(0, 2 * np.pi, 400)
    along, across = np.sqrt(1 + size / 2) * np.cos(angle), np.sqrt(1 - size / 2) * np.sin(angle)
    line = {"color": eq.plots.PALETTE[1], "linewidth": 1.2}
    panel.plot((along - across) / 2**0.5, (along + across) / 2**0.5, label="predicted boundary", **line)


def draw_grid(dataset: xr.Dataset, stem: Any) -> None:
    """The gap that is left and the step size times the sharpness, for both ranks."""
    figure, axes = eq.plots.new_figure(2, 2, panel=(4.2, 3.0), share_x=True, share_y=True)
    lines = {
        "η = 2/λ, λ where the flow ends": (lambda c, curvature: c * flow_end(curvature) / curvature, 2.0),
        "η = 4/L": (lambda c, _: c, 4.0),
        "η = 1/σ₁": (lambda c, curvature: c / curvature, 1.0),
        "boundary of (xy − σ₁)²/2": (beyond_ellipse, 0.0),
    }
    shown = {
        "over": "rank",
        "x": "relative_step",
        "y": "curvature",
        "contours": lines,
        "logarithmic": "y",
        "legend": False,
    }
    eq.plots.draw_grids(axes[0], dataset, "gap_left", limits=(0, 1), label="median share of the gap left", **shown)
    eq.plots.draw_grids(axes[1], dataset, "edge", reference=2, limits=(0, 4), label="median η λmax at the end", **shown)
    titles = [f"{what}, rank {rank}" for what in ("gap left", "η λmax") for rank in dataset["rank"].values]
    eq.plots.label_panels(axes.flat, titles)
    eq.plots.add_legend(axes[0, 0], loc="upper left", fontsize=6.5)
    save(figure, stem)


def flow_end(curvature: Any) -> Any:
    """The sharpness of the minimum that gradient flow reaches: it keeps s² = L − σ₁²/L, so λ = √(s⁴ + 4σ₁²)."""
    return curvature + 1 / curvature


def beyond_ellipse(relative_step: Any, curvature: Any) -> Any:
    """x² + y² − 4/η + ησ₁² for xy = 0: positive where the 1 x 1 problem diverges."""
    return curvature - 1 / curvature - 4 * curvature / relative_step + relative_step / curvature


def draw_curves(dataset: xr.Dataset, paths: dict[str, xr.Dataset], stem: Any) -> None:
    """The gap that is left and the sharpness at the end along the step size, beside the prediction."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.6, 3.2))
    chosen = dataset["curvature"].values[::-2][:3]
    groups = eq.plots.select_points(dataset.sel(rank=1), [{"curvature": value} for value in chosen])
    for panel, variable in zip(axes.flat, ("gap_left", "edge"), strict=False):
        eq.plots.draw_paths(panel, groups, variable, along="relative_step", legend=False)
    along = np.arange(1.0, 4.0, 0.02)
    left = catapult(along)
    edge = along[:, None] * np.sqrt(left**2 + (2 / chosen[0]) ** 2)
    dark, name = eq.plots.PALETTE[-1], f"predicted, L/σ₁ = {chosen[0]:g}"
    for panel, values in zip(axes.flat, (left, edge), strict=False):
        low, high = np.nanquantile(values, (0.05, 0.95), axis=1)
        panel.fill_between(along, low, high, color=dark, alpha=0.18, linewidth=0, label=name)
    eq.plots.draw_paths(axes[0, 2], paths, "edge", logarithmic="x", legend=False)
    for panel in axes[0, 1:]:
        panel.axhline(2, color=dark, linewidth=0.9, linestyle="--", label="edge of stability")
        panel.set_ylim(bottom=0)
    for panel, place in zip(axes.flat, ("lower left", "lower left", "upper right"), strict=True):
        eq.plots.add_legend(panel, loc=place, fontsize=7)
    named = f"along the way, L/σ₁ = {chosen[0]:g}"
    eq.plots.label_panels(axes.flat, ["gap left, rank 1", "sharpness at the end, rank 1", named])
    save(figure, stem)


def numbers(landscape: xr.Dataset, grid: xr.Dataset) -> dict[str, float]:
    """What the page quotes."""
    lost = landscape["status"] == "diverged"
    wrong = lost != (outside(landscape) > 0)
    found = {"map: share of the starts on the predicted side": float(1 - wrong.mean())}
    for size in landscape["step_size"].values:
        one = landscape.sel(step_size=size)
        if size < 1:
            found[f"map, η = {size:g}: largest gap, measured"] = float(one["gap"].where(one["loss"] < 1e-10).max())
            found[f"map, η = {size:g}: largest gap, predicted"] = float(np.sqrt(1 - size**2) / 2)
        else:
            found[f"map, η = {size:g}: median loss at the end"] = float(one["loss"].median())
            found[f"map, η = {size:g}: largest gap"] = float(one["gap"].max())
    size = grid["relative_step"] / grid["curvature"]
    settled = (grid["loss"] < 1e-10) & (size < 1)
    found["largest η λmax of a run that settled"] = float(grid["edge"].where(settled).max())
    for rank in grid["rank"].values:
        one = grid.sel(rank=rank)
        gone = (one["status"] == "diverged").mean("replicate").where(size < 1)
        kept = one["gap_left"].where(size * flow_end(one["curvature"]) < 1.9)
        found[f"rank {rank}: least share of the gap left, η < 1.9/λ"] = float(kept.median("replicate").min())
        for low, high in ((1, 2), (2, 3), (3, 4), (4, 5)):
            between = gone.where((gone["relative_step"] > low) & (gone["relative_step"] < high))
            found[f"rank {rank}: share that diverged, {low}/L < η < {high}/L, η < 1/σ₁"] = float(between.mean())
    steep = grid.sel(rank=1).isel(curvature=-1)
    for place in (2.2, 2.6, 3.0):
        at = steep.sel(relative_step=place, method="nearest")
        found[f"η = {float(at['relative_step']):g}/L: gap left, measured"] = float(at["gap_left"].median())
        (left,) = catapult(np.array([float(at["relative_step"])]))
        found[f"η = {float(at['relative_step']):g}/L: gap left, predicted"] = float(np.median(left))
    return found


def main() -> None:
    given = options(__doc__, "large_steps")
    landscape, grid = valley(given.quick), finished(swept(study(given.quick)))
    draw_valley(landscape, given.out / "large_steps_valley")
    draw_grid(grid, given.out / "large_steps_grid")
    paths = along_the_way(float(grid["curvature"].max()), given.quick)
    draw_curves(grid, paths, given.out / "large_steps_curves")
    write(landscape.drop_vars("loss"), given.out / "large_steps_valley")
    write(grid, given.out / "large_steps")
    write_numbers(numbers(landscape, grid), "large_steps", given.out)


if __name__ == "__main__":
    main()
