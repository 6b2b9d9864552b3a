"""A network trained on scikit-learn's 1797 digits with a monitor: how far do its neurons drift from the start?

For each hidden neuron, gradient flow conserves the squared norm of its incoming weights and bias minus that of its
outgoing weights (Du et al., 2018, Theorem 2.1). Steps of size η let this difference drift. Over the same training time,
steps times η, the drift is proportional to η, and batches of 64 images add the noise of their gradients to it. The
example prints a table and writes digits_balance.png. It takes about a minute; with --quick, seconds.
"""

import argparse
from collections import OrderedDict
from pathlib import Path

import torch
import xarray as xr
from sklearn.datasets import load_digits
from torch import nn

import equipoise as eq


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """Pixels from 0 to 1, and the digit of each image."""
    found = load_digits()
    return torch.from_numpy(found.data).float() / 16, torch.from_numpy(found.target)


def perceptron() -> nn.Module:
    """Three dense layers with ReLU between them, the same at every call."""
    torch.manual_seed(0)
    first, second, third = nn.Linear(64, 50), nn.Linear(50, 30), nn.Linear(30, 10)
    parts = {"first": first, "relu": nn.ReLU(), "second": second, "again": nn.ReLU(), "third": third}
    return nn.Sequential(OrderedDict(parts))


def train(rate: float, time: float, batch: int) -> tuple[xr.Dataset, float]:
    """Train for steps · rate = time with a monitor; return its records, and the share of images classified well."""
    inputs, targets = digits()
    model, chosen = perceptron(), torch.Generator().manual_seed(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    steps = round(time / rate)
    with eq.adapters.torch.BalanceMonitor(model, every=max(1, steps // 50)).attach(optimizer) as monitor:
        for _ in range(steps):
            rows = torch.randint(len(inputs), (batch,), generator=chosen) if batch < len(inputs) else slice(None)
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs[rows]), targets[rows]).backward()
            optimizer.step()
    right = (model(inputs).argmax(1) == targets).float().mean()
    found = monitor.dataset()
    passed = ("step", rate * found["step"].values, {"long_name": "training time", "formula": "step · η"})
    return found.assign_coords(time=passed), float(right)


def draw(runs: dict[tuple[int, float], xr.Dataset], out: Path) -> None:
    """Draw the layers of the first run, and the largest drift of a neuron in all runs."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(3.9, 3.0))
    eq.plots.draw_layers(axes[0, 0], next(iter(runs.values())), "squared_norms")
    lines = {
        f"η = {rate:g}, batch {batch}": run["neuron_drift"].max("pair", keep_attrs=True).swap_dims(step="time")
        for (batch, rate), run in runs.items()
    }
    eq.plots.draw_paths(axes[0, 1], lines, along="time", logarithmic="y", legend=False)
    eq.plots.add_legend(axes[0, 1], loc="center left", bbox_to_anchor=(1.0, 0.5))
    eq.plots.label_panels(axes.flat, ["squared norms of the layers", "drift of the neurons"])
    eq.plots.save_figure(figure, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", nargs="+", type=float, default=[0.1, 0.05, 0.025])
    parser.add_argument("--time", type=float, default=100.0, help="steps times step size")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the time, two step sizes")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(""), help="the figure, without .png")
    given = parser.parse_args()
    rates, time = (given.rates[:2], given.time / 20) if given.quick else (given.rates, given.time)
    runs = {}
    print(f"{'batch':>6}{'η':>8}{'steps':>7}{'right':>8}{'drift':>11}{'drift/η':>9}   by pair")
    for batch in (1797, 64):
        for rate in rates:
            run, right = train(rate, time, batch)
            runs[batch, rate] = run
            drift = run["neuron_drift"].isel(step=-1)
            worst, last = float(drift.max()), int(run["step"][-1])
            each = ", ".join(
                f"{name} {value:.2e}" for name, value in zip(run["pair"].values, drift.values, strict=True)
            )
            print(f"{batch:>6}{rate:>8g}{last:>7}{right:>8.3f}{worst:>11.3e}{worst / rate:>9.4f}   {each}")
    draw(runs, given.out)
    print(f"written to {given.out.with_suffix('.png').name}")


if __name__ == "__main__":
    main()
