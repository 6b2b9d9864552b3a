"""The landscape between an unbalanced and a balanced minimum."""

from pathlib import Path

import numpy as np

import equipoise as eq

shape, alpha = (6, 4), 2.5
problem = eq.problems.planted(shape, 1)
signal = problem.with_signal().signal
steep = eq.theory.global_minimum(signal, alpha)  # balance α²
flat = eq.theory.global_minimum(signal)  # balance 1
zero = tuple(np.zeros_like(w) for w in flat)

# the noise leads from the unbalanced minimum to the balanced one
noise = eq.noise.balanced(1.0, 0.15, shape)
watched = eq.watch(
    problem,
    eq.dynamics.PerturbedGD((0.02, 0.02), noise),
    eq.initial.Given(steep),
    seed=0,
    steps=4_000,
    record=eq.Record(every=20, observables=("balance", "sharpness")),
)
thetas = [tuple(w[0] for w in look.theta) for look in watched]
run = watched.run().dataset.isel(replicate=0)

plane = eq.landscape.plane_through(zero, flat, steep)
x, y = np.linspace(-0.5, 2.5, 121), np.linspace(-0.5, 2.2, 121)
loss = eq.landscape.values_on(problem, plane, x, y)
path = eq.landscape.path_on(plane, thetas)
orbit = eq.landscape.gauge_orbit(
    problem, flat, np.geomspace(1 / 8, 8, 49), observables=("sharpness",)
)

figure, axes = eq.plots.new_figure(columns=2, panel=(4.2, 3.2))
left, right = axes[0]
eq.plots.draw_contours(left, loss, levels=12, logarithmic=True)
eq.plots.draw_track(left, path["x"], path["y"])
along = {"same XYᵀ": orbit["sharpness"]}
eq.plots.draw_paths(right, along, along="balance", logarithmic="x")
eq.plots.draw_track(right, run["balance"], run["sharpness"])
eq.plots.save_figure(figure, Path("landscape"))

solid, spaces = eq.plots.new_figure(panel=(4.6, 3.8), projection="3d")
eq.plots.draw_surface(spaces[0, 0], loss[::2, ::2], ceiling=2.0)
heights = [float(problem.loss(theta)) for theta in thetas]
eq.plots.draw_track(spaces[0, 0], path["x"], path["y"], on=lambda *_: heights)
spaces[0, 0].set_zlabel("loss")
eq.plots.save_figure(solid, Path("surface"))

# along the orbit the loss is 0, and the sharpness is least at balance 1
assert orbit["sharpness"].idxmin("balance") == 1
assert float(run["sharpness"][-1]) < 0.5 * float(run["sharpness"][0])
assert abs(float(run["balance"][-1]) - 1) < 0.3
