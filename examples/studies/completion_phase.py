"""Completion from small starts: how far above the least nuclear norm does gradient descent end?

A symmetric matrix X ⪰ 0 with eigenvalues k^−decay is completed from some of its entries by gradient descent on UUᵀ. The
nuclear norm at the end is held against the certified minimum, by the decay, the number of entries and the size of the
start. The limit of a vanishing start is computed beside it, without a start, by greedy low-rank learning.

    python examples/studies/completion_phase.py --out docs/assets/studies     # minutes on two cores that are free
    python examples/studies/completion_phase.py --quick                       # about a minute
"""

import functools
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from running import options, save, swept, write, write_numbers

import equipoise as eq

SIZE = 12
ENTRIES = SIZE * (SIZE + 1) // 2
STEP_SIZE, STEPS, EVERY = 0.5, 50_000, 500
FITS = 1e-4
"""The relative error of the known entries at which a run ends."""

ADDED = 1e-4
"""The norm of a new column in greedy low-rank learning."""

CLEAR = 2e-3
"""An excess that counts as one."""


@functools.cache
def instance(decay: float, measurements: int, number: int) -> tuple[Any, np.ndarray, Any]:
    """Completion of a random matrix with eigenvalues k^−decay, k = 1 … 12; that matrix; and (rows, columns) known."""
    drawn = np.random.default_rng(number)
    basis = np.linalg.qr(drawn.standard_normal((SIZE, SIZE)))[0]
    matrix = (basis * np.arange(1.0, SIZE + 1) ** -decay) @ basis.T
    rows, columns = eq.problems.random_entries((SIZE, SIZE), int(measurements), seed=int(number), symmetric=True)
    observed = (rows, columns, matrix[rows, columns])
    shape = {"shape": (SIZE, SIZE), "parametrization": "symmetric", "scale": 0.25}
    return eq.problems.completion(observed, **shape), matrix, (rows, columns)


def make(decay: float, measurements: int, start: float, number: int) -> tuple[Any, Any, Any]:
    """Gradient descent from a random full-rank U of norm `start`."""
    drawn = np.random.default_rng([int(number), 1]).standard_normal((SIZE, SIZE))
    problem, *_ = instance(decay, measurements, number)
    return problem, eq.dynamics.GradientDescent(STEP_SIZE), eq.initial.Given((start * drawn / np.linalg.norm(drawn),))


def study(quick: bool = False) -> eq.sweeps.Study:
    """Six decays, six numbers of entries, five starts, five instances."""
    over = {
        "decay": [0.5, 1.5, 3.0] if quick else [0.5, 1.0, 1.5, 2.0, 2.5, 3.0],
        "measurements": [18, 54] if quick else [12, 24, 36, 48, 60, 72],
        "start": [1.0, 1e-2, 1e-5] if quick else [1.0, 1e-1, 1e-2, 1e-4, 1e-8],
        "number": [0, 1] if quick else [0, 1, 2, 3, 4],
    }
    record = eq.Record(EVERY, ("relative_error", "nuclear_norm"))
    stop = eq.StopWhen("relative_error", below=FITS)
    return eq.sweeps.Study(make, over, steps=STEPS, seed=0, record=record, stop=stop)


def convex(dataset: xr.Dataset) -> xr.Dataset:
    """For each instance: the certified minimum, its relative gap, and the excess of the matrix itself and of greedy."""
    names = ("decay", "measurements", "number")
    found = {name: np.full([dataset.sizes[n] for n in names], np.nan) for name in ("least", "gap", "truth", "greedy")}
    for place in np.ndindex(*found["least"].shape):
        point = [dataset[n].values[i].item() for n, i in zip(names, place, strict=True)]
        problem, matrix, known = instance(*point)
        proof = eq.certified.minimum_nuclear_norm((*known, (SIZE, SIZE)), matrix[known], psd=True)
        found["least"][place], found["gap"][place] = proof.upper, (proof.upper - proof.lower) / proof.upper
        found["truth"][place] = np.trace(matrix) / proof.upper - 1
        found["greedy"][place] = greedy(problem, matrix, known) / proof.upper - 1
    coordinates = {name: dataset[name].values for name in names}
    return xr.Dataset({name: (names, values) for name, values in found.items()}, coordinates)


def slope(problem: Any, theta: Any) -> Any:
    """The norm of the gradient."""
    return jnp.linalg.norm(problem.gradient(theta)[0])


def greedy(problem: Any, matrix: np.ndarray, known: Any) -> float:
    """The nuclear norm of the limit of a vanishing start, by greedy low-rank learning.

    From the stationary point of the columns so far, a new column starts along the top eigenvector of −A*(r). Columns
    that have not begun are zero, and gradient descent keeps them so.
    """
    u, record = np.zeros((SIZE, SIZE)), eq.Record(EVERY, (slope, "relative_error"))
    stop = (eq.StopWhen("slope", below=1e-7), eq.StopWhen("relative_error", below=FITS))
    for column in range(SIZE):
        missing = np.zeros((SIZE, SIZE))
        missing[known] = (matrix - u @ u.T)[known]
        u[:, column] = ADDED * np.linalg.eigh((missing + missing.T) / 2)[1][:, -1]
        method, start = eq.dynamics.GradientDescent(STEP_SIZE), eq.initial.Given((u,))
        run = eq.simulate(problem, method, start, seed=0, steps=STEPS, record=record, stop=stop, progress=False)
        u = np.array(run.theta[0][0])
        if float(run.dataset["relative_error"].isel(step=-1)[0]) < FITS:
            break
    return float(np.trace(u @ u.T))


def finished(dataset: xr.Dataset) -> xr.Dataset:
    """The excess at the end, and what convex optimization and greedy learning say; the instances are the replicates."""
    other = convex(dataset)
    end = dataset.isel(step=-1, replicate=0, drop=True)
    kept = xr.Dataset({"status": end["status"], "end_step": end["end_step"], "misfit": end["relative_error"]})
    kept["excess"] = end["nuclear_norm"] / other["least"] - 1
    kept = kept.merge(other).rename(number="replicate")
    for name in ("excess", "truth", "greedy"):
        kept[name].attrs = {"long_name": "excess over the least nuclear norm", "units": "1"}
    kept["measurements"].attrs = {"long_name": "known entries", "formula": "m", "units": "1"}
    kept["decay"].attrs = {"long_name": "decay of the eigenvalues", "formula": "p", "units": "1"}
    kept["start"].attrs = {"long_name": "norm of the start", "formula": "‖U₀‖", "units": "1"}
    return kept


def draw_phases(dataset: xr.Dataset, stem: Path) -> None:
    """The median excess for each start, with the line beyond which the convex problem recovers the matrix."""
    rows = dataset.sizes["start"] // 2
    columns = (dataset.sizes["start"] + 1) // rows
    figure, axes = eq.plots.new_figure(rows, columns, panel=(3.2, 2.5), share_x=True, share_y=True)
    recovered = dataset["truth"].median("replicate")
    line = {"the matrix itself is 1 % above": (recovered, 0.01)}
    vanishing = dataset["greedy"].expand_dims(start=[0.0])
    both = xr.concat([dataset["excess"].sortby("start", ascending=False), vanishing], "start")
    both["start"].attrs = dataset["start"].attrs
    shown = {"x": "measurements", "y": "decay", "contours": line, "color": "logarithmic", "limits": (1e-3, 1)}
    eq.plots.draw_grids(axes.flat, both, over="start", legend=False, label="median excess", **shown)
    titles = [f"‖U₀‖ = {value:g}" for value in both["start"].values[:-1]]
    eq.plots.label_panels(axes.flat, [*titles, "‖U₀‖ → 0, predicted"])
    for panel in axes.flat:
        panel.set_xticks(dataset["measurements"].values)
    eq.plots.add_legend(axes.flat[0], loc="lower left", fontsize=7)
    save(figure, stem)


def draw_starts(dataset: xr.Dataset, stem: Path) -> None:
    """The excess against the start at three points, and the prediction for a vanishing one."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.2, 2.8), share_y=True)
    counts = dataset["measurements"].values
    chosen, nearest = counts[[0, len(counts) // 2, -1]], float(dataset["start"].min())
    for panel, count in zip(axes.flat, chosen, strict=True):
        places = [{"decay": decay} for decay in (0.5, 1.5, 3.0)]
        shown = dataset.sel(measurements=count)
        shown["excess"] = shown["excess"].clip(1e-5, keep_attrs=True)  # below what a run that fits to 1e-4 can tell
        groups = eq.plots.select_points(shown, places)
        eq.plots.draw_paths(panel, groups, "excess", along="start", band=(0.25, 0.75), logarithmic="xy", legend=False)
        for number, group in enumerate(groups.values()):
            level = max(float(group["greedy"].median()), 1e-4)
            label = "→ 0, predicted" if number == 0 else None
            panel.plot(nearest / 5, level, "<", color=eq.plots.PALETTE[number], markersize=6, label=label)
        panel.set_ylim(1e-4, 1.5)
    eq.plots.label_panels(axes.flat, [f"{count} of {ENTRIES} entries" for count in chosen])
    eq.plots.add_legend(axes.flat[-1], loc="upper left")
    save(figure, stem)


def numbers(dataset: xr.Dataset) -> dict[str, float]:
    """What the page quotes."""
    excess, truth, greedily = dataset["excess"], dataset["truth"], dataset["greedy"]
    recovered = truth < CLEAR
    found = {
        "largest relative gap of a certificate": float(dataset["gap"].max()),
        "share of the runs that fit to 1e-4": float((dataset["misfit"] <= FITS).mean()),
        "share of the instances whose matrix is the minimum": float(recovered.mean()),
    }
    for start in excess["start"].values:
        at = excess.sel(start=start)
        found[f"start {start:g}: median excess"] = float(at.median())
        found[f"start {start:g}: share above 0.002, matrix not the minimum"] = _share(at > CLEAR, ~recovered)
        found[f"start {start:g}: share above 0.002, matrix the minimum"] = _share(at > CLEAR, recovered)
    found["vanishing start, predicted: median excess"] = float(greedily.median())
    found["vanishing start: share above 0.002, matrix not the minimum"] = _share(greedily > CLEAR, ~recovered)
    last, middle = excess.isel(start=-1), excess.sel(start=1e-2)
    near = abs(last - greedily) < 0.01
    found["share with an excess that grew from start 0.01 to the smallest"] = float((last > middle).mean())
    found["smallest start, share with an excess within 0.01 of the prediction"] = float(near.mean())
    return found


def _share(what: xr.DataArray, where: xr.DataArray) -> float:
    """The share of `what` among `where`; NaN if that holds nowhere."""
    return float((what & where).sum() / where.sum()) if where.any() else float("nan")


def main() -> None:
    given = options(__doc__, "completion_phase")
    dataset = finished(swept(study(given.quick)))
    draw_phases(dataset, given.out / "completion_phase")
    draw_starts(dataset, given.out / "completion_starts")
    write(dataset, given.out / "completion_phase")
    write_numbers(numbers(dataset), "completion_phase", given.out)


if __name__ == "__main__":
    main()
