"""Small starts, and the certified minimum nuclear norm."""

from pathlib import Path

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.certified import minimum_nuclear_norm

size, count = 15, 60  # 120 numbers fix a symmetric 15 x 15 matrix
factor = np.random.default_rng(0).standard_normal((size, 2)) / size**0.5
matrices = eq.problems.gaussian_measurements(size, count, seed=0)
data = np.einsum("kij,ij->k", matrices, factor @ factor.T)
certificate = minimum_nuclear_norm(matrices, data, psd=True)

problem = eq.problems.sensing(matrices, data)  # W = UUᵀ, U is 15 x 15
norms = [1.0, 0.1, 0.01, 0.001, 0.0001]
excess = np.empty((3, len(norms)))
for i, norm in enumerate(norms):
    run = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(step_size=0.05),
        eq.initial.GaussianOfNorm(norm),
        seed=0,
        replicates=3,
        steps=3_000,
        record=eq.Record(3_000, ("relative_error", "nuclear_norm")),
    )
    end = run.dataset.isel(step=-1)
    assert float(end["relative_error"].max()) < 0.01
    excess[:, i] = end["nuclear_norm"] / certificate.upper - 1

drawn = xr.DataArray(
    excess,
    {"norm of the start": norms},
    ("replicate", "norm of the start"),
    attrs={"long_name": "excess over the least nuclear norm"},
)
figure, axes = eq.plots.new_figure(panel=(4.0, 3.0))
eq.plots.draw_paths(
    axes[0, 0],
    {"excess": drawn},
    along="norm of the start",
    traces=3,
    logarithmic="xy",
)
eq.plots.save_figure(figure, Path("small_starts"))

# the least nuclear norm is proven; the smaller the start, the closer to it
assert certificate.converged
assert (np.diff(excess, axis=1) < 0).all()
assert excess[:, 0].min() > 0.1
assert abs(excess[:, -1]).max() < 0.001
