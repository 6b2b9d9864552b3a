"""What Adam breaks and momentum keeps."""

from pathlib import Path

import numpy as np
import optax
import xarray as xr

import equipoise as eq

problem = eq.problems.planted_network((4, 8, 6, 2), points=40, seed=0)
heavy, adam = optax.trace(decay=0.9), optax.scale_by_adam()
methods = {
    "gradient descent": eq.dynamics.GradientDescent,
    "momentum": lambda size: eq.dynamics.Optax(heavy, size / 10),
    "Adam": lambda size: eq.dynamics.Optax(adam, size / 10),
}
sizes, time = 0.02 / 2.0 ** np.arange(4), 4.0  # the same time for all sizes
drifts = {}
for name, method in methods.items():
    drift = []
    for size in sizes:
        run = eq.simulate(
            problem,
            method(size),
            eq.initial.Gaussian(0.4),
            seed=0,
            steps=round(time / size),
            record=eq.Record(1_000, "neuron_differences"),
        )
        kept = run.dataset["neuron_differences"].isel(replicate=0)
        moved = abs(kept.isel(step=-1) - kept.isel(step=0))
        drift.append(float(moved.max()))
    drifts[name] = xr.DataArray(
        drift,
        {"step size": sizes},
        attrs={"long_name": "largest drift of a neuron"},
    )

figure, axes = eq.plots.new_figure(panel=(4.2, 3.0))
eq.plots.draw_paths(axes[0, 0], drifts, along="step size", logarithmic="xy")
axes[0, 0].set_ylim(1e-5, 1)
eq.plots.save_figure(figure, Path("conservation"))

# half the step, half the drift: momentum keeps the laws in the limit;
# Adam drifts as far with small steps as with large ones
exponents = {
    name: eq.analysis.power_law(sizes, drift).exponent.estimate
    for name, drift in drifts.items()
}
assert abs(exponents["gradient descent"] - 1) < 0.1
assert abs(exponents["momentum"] - 1) < 0.1
assert abs(exponents["Adam"]) < 0.25
assert float(drifts["Adam"].min()) > 10 * float(drifts["momentum"].max())
