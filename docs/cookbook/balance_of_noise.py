"""The balance that noise fixes, as a function of γ."""

from pathlib import Path

import numpy as np

import equipoise as eq

problem = eq.problems.planted((10, 20), rank=1)
gammas = np.array([0.5, 0.7, 1.0, 1.4, 2.0])
runs = {}
for gamma in gammas:
    noise = eq.noise.balanced(gamma, std_y=0.06, shape=(10, 20))
    run = eq.simulate(
        problem,
        eq.dynamics.PerturbedGD(step_size=0.02, noise=noise),
        eq.initial.Gaussian(0.5),
        seed=0,
        replicates=20,
        steps=3_000,
        record=eq.Record(3_000, ("balance",)),
    )
    runs[f"γ = {gamma:g}"] = run.dataset

ends = [run["balance"].isel(step=-1) for run in runs.values()]
medians = np.array([float(end.median()) for end in ends])

figure, axes = eq.plots.new_figure(panel=(4.5, 3.0))
expected = dict(zip(runs, gammas, strict=True))
eq.plots.draw_boxes(
    axes[0, 0], runs, "balance", expected=expected, logarithmic=True
)
eq.plots.save_figure(figure, Path("balance_of_noise"))

# the end is γ, whatever the start: all replicates within a few percent
np.testing.assert_allclose(medians, gammas, rtol=0.02)
assert max(float(end.std() / end.mean()) for end in ends) < 0.05
