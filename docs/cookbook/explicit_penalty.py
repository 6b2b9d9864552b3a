"""An explicit penalty beside the noise that implies it."""

from pathlib import Path

import numpy as np

import equipoise as eq

problem = eq.problems.planted((10, 10), rank=3, values=(2.0, 1.0, 0.3))
law = eq.noise.Gaussian(std=0.2)  # √(ab) = 10 · 0.2² = 0.4
penalized = eq.theory.smoothed(problem, law)
settings = {
    "init": eq.initial.Gaussian(0.1),
    "seed": 0,
    "steps": 3_000,
    "record": eq.Record(50, ("nuclear_norm", "singular_values")),
}
noisy = eq.simulate(
    problem, eq.dynamics.PerturbedGD(0.01, law), replicates=10, **settings
).dataset
explicit = eq.simulate(
    penalized, eq.dynamics.GradientDescent(0.01), **settings
).dataset

figure, axes = eq.plots.new_figure(panel=(4.2, 3.0))
eq.plots.draw_paths(
    axes[0, 0],
    {"noise": noisy, "explicit penalty": explicit},
    "nuclear_norm",
)
eq.plots.save_figure(figure, Path("explicit_penalty"))

# both lower every singular value by √(ab), and lose the one below it
lowered = np.array([1.6, 0.6, 0.0])
found = explicit["singular_values"].isel(step=-1, replicate=0)
late = noisy["singular_values"].sel(step=slice(2_000, None))
np.testing.assert_allclose(found, lowered, atol=1e-5)
np.testing.assert_allclose(
    late.mean(("step", "replicate")), lowered, atol=0.05
)

# on the way noise leaves the saddles sooner
early, late = (
    float(run["nuclear_norm"].sel(step=500).median())
    for run in (noisy, explicit)
)
assert early > late
