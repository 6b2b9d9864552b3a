"""Draw the study of balance and divergence over step size and noise, from the store of its sweep.

equipoise sweep examples/studies/balance.toml
python examples/studies/balance.py balance.zarr --out docs/assets/studies
"""

import argparse
import itertools
import math
from pathlib import Path

import numpy as np
import xarray as xr
from running import save, write, write_numbers

import equipoise as eq

SHAPE, BALANCE = (20, 30), 1.0
LABELS = {
    "step_size": {"long_name": "step size", "formula": "η", "units": "1/[M]"},
    "std": {"long_name": "noise on Y", "formula": "s₂", "units": "√[M]"},
}


def finished(dataset: xr.Dataset) -> xr.Dataset:
    """The end of every run, and how its balance scatters between the replicates of a point."""
    end = dataset.isel(step=-1)
    kept = xr.Dataset({"status": end["status"], "balance": end["balance"], "loss": end["loss"]})
    lost = (end["status"] == "diverged").any("replicate")
    kept["spread"] = end["balance"].std("replicate", ddof=1).where(~lost)
    kept["spread"].attrs = {"long_name": "standard deviation of the balance", "units": "1"}
    for name, about in LABELS.items():
        kept[name].attrs = about
    return kept


def predicted_spread(dataset: xr.Dataset) -> xr.DataArray:
    """That of the stationary law; NaN where there is none, because no step size is stable or the noise hides M."""
    problem, found = eq.problems.planted(SHAPE, 1), xr.zeros_like(dataset["spread"])
    for size, std in itertools.product(dataset["step_size"].values, dataset["std"].values):
        method = eq.dynamics.PerturbedGD(float(size), eq.noise.balanced(BALANCE, float(std), SHAPE))
        try:
            spread = eq.theory.stationary_law(problem, method).balance_std
        except eq.InputError:
            spread = np.nan
        found.loc[{"step_size": size, "std": std}] = spread
    return found


def theory(steps: int) -> dict[str, dict[str, object]]:
    """Lines: the largest stable step size, the noise that hides M, and the noise that has just time to balance."""
    rows = SHAPE[1]
    stable = eq.theory.largest_stable_step_size(eq.problems.planted(SHAPE, 1).signal, BALANCE)
    hidden = math.sqrt(1 / rows)
    # the imbalance falls as exp(−2ηb t), b = d2 s2²: to a hundredth in the time of the run
    curves = {"as long as the run": lambda size: np.sqrt(math.log(100) / (2 * size * rows * steps))}
    contours = {
        "η = 2/λmax": (lambda size, std: size + 0 * std, stable),
        "√(ab) = σ₁": (lambda size, std: std + 0 * size, hidden),
    }
    return {"contours": contours, "curves": curves}


def draw(dataset: xr.Dataset, steps: int, folder: Path) -> None:
    figure, ((left, middle, right),) = eq.plots.new_figure(1, 3, panel=(3.6, 3.2))
    axes = {"x": "step_size", "y": "std"}
    eq.plots.draw_grid(left, dataset, "balance", reference=1.0, color="logarithmic", limits=(0.5, 2), **axes)
    eq.plots.draw_grid(middle, dataset, statistic="share diverged", **axes, **theory(steps))
    predicted = predicted_spread(dataset)
    levels = {f"predicted: {level:g}": (predicted, level) for level in (0.03, 0.003, 0.0003)}
    scale = {"color": "logarithmic", "limits": (1e-4, 1), "label": "standard deviation"}
    eq.plots.draw_grid(right, dataset, "spread", contours=levels, **scale, **axes)
    eq.plots.label_panels([left, middle, right], ["balance", "divergence", "spread of the balance"])
    save(figure, folder / "balance")


def numbers(dataset: xr.Dataset, steps: int) -> dict[str, float]:
    """How far the predicted spread is off where the law should hold: small steps, weak noise, and time to arrive."""
    predicted = predicted_spread(dataset)
    size, std = dataset["step_size"], dataset["std"]
    arrived = 2 * size * std**2 * SHAPE[1] * steps > 12  # the exponent with which the imbalance of the start falls
    near = arrived & (size < 0.1) & (std < 0.06) & dataset["spread"].notnull()
    ratio = (dataset["spread"] / predicted).where(near)
    stable = eq.theory.largest_stable_step_size(eq.problems.planted(SHAPE, 1).signal, BALANCE)
    lost = (dataset["status"] == "diverged").mean("replicate")
    quiet = dataset["std"] < 0.05
    return {
        "points where the law is compared": float(near.sum()),
        "spread over predicted: median": float(ratio.median()),
        "spread over predicted: least": float(ratio.min()),
        "spread over predicted: largest": float(ratio.max()),
        "share diverged, little noise, η < 0.8 · 2/λmax": float(lost.where(quiet & (size < 0.8 * stable)).mean()),
        "share diverged, little noise, η > 1.5 · 2/λmax": float(lost.where(quiet & (size > 1.5 * stable)).mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path, help="the store of the sweep")
    parser.add_argument("--out", type=Path, default=Path("studies"), help="the folder for the picture and the data")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    whole = eq.sweeps.load(given.store)
    dataset = finished(whole)
    draw(dataset, int(whole["step"][-1]), given.out)
    write(dataset.drop_vars("loss"), given.out / "balance")
    write_numbers(numbers(dataset, int(whole["step"][-1])), "balance", given.out)


if __name__ == "__main__":
    main()
