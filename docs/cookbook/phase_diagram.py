"""A phase diagram: the singular value that is left, by step size and noise."""

from pathlib import Path

import numpy as np
import xarray as xr

import equipoise as eq

problem = eq.problems.planted((10, 10), rank=1)  # one singular value, 1
noises = np.linspace(0.05, 0.5, 9)
steps = np.geomspace(0.02, 1.6, 9)
left = np.empty((steps.size, noises.size))
for i, step_size in enumerate(steps):
    for j, std in enumerate(noises):
        run = eq.simulate(
            problem,
            eq.dynamics.PerturbedGD(step_size, eq.noise.Gaussian(std)),
            eq.initial.Gaussian(0.3),
            seed=0,
            replicates=8,
            steps=800,
            record=eq.Record(50, "nuclear_norm"),
        )
        late = run.dataset["nuclear_norm"].sel(step=slice(400, None))
        left[i, j] = late.mean("step").median()  # NaN where most diverge

lowered = 10 * noises**2  # √(ab): noise lowers the singular value by it
predicted = np.clip(1 - lowered, 0, None)

figure, axes = eq.plots.new_figure(panel=(4.5, 3.2))
diagram = xr.DataArray(
    left,
    {"step size": steps, "std of the noise": noises},
    name="left",
    attrs={"long_name": "singular value at the end"},
)
eq.plots.draw_contours(axes[0, 0], diagram, levels=np.linspace(0, 1, 11))
axes[0, 0].axvline(0.1**0.5, color="white", linestyle="--")
axes[0, 0].set_yscale("log")
eq.plots.save_figure(figure, Path("phase_diagram"))

# small steps follow the theory, the largest lose every replicate,
# and the more noise there is, the smaller is the step that diverges
np.testing.assert_allclose(left[0], predicted, atol=0.1)
assert np.isnan(left[-1]).all()
lost = np.isnan(left).sum(axis=0)
assert (np.diff(lost) >= 0).all()
assert lost[-1] > lost[0]
