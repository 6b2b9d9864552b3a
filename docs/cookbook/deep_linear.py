"""A deep linear network learns its singular values one after the other."""

from pathlib import Path

import numpy as np

import equipoise as eq

values = np.array([4.0, 2.0, 1.0])
target = np.zeros((8, 8))
np.fill_diagonal(target[:3, :3], values)
rows, columns = np.indices(target.shape).reshape(2, -1)
start, step_size = 1e-2, 0.01

figure, axes = eq.plots.new_figure(1, 2, share_y=True)
half_way = {}
for panel, depth in zip(axes[0], (2, 3), strict=True):
    problem = eq.problems.completion(
        (rows, columns, target.ravel()),
        shape=target.shape,
        parametrization=eq.problems.DeepLinear((8,) * (depth + 1)),
        scale=0.5,
    )
    run = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(step_size),
        eq.initial.Identity(start),
        seed=0,
        steps=1_000 if depth == 2 else 14_000,
        record=eq.Record(10, "end_to_end_singular_values"),
    )
    paths = run.dataset["end_to_end_singular_values"]
    each = {
        f"σ = {value:g}": paths.isel(singular_value=i)
        for i, value in enumerate(values)
    }
    half_way[depth] = [
        float(eq.analysis.first_passage(path, above=value / 2)[0])
        for path, value in zip(each.values(), values, strict=True)
    ]
    eq.plots.draw_paths(panel, each, legend=False)
    eq.plots.label_axes(panel, "step", "singular value")
eq.plots.label_panels(axes[0], ["two factors", "three factors"])
eq.plots.save_figure(figure, Path("deep_linear"))

# each singular value leaves the start at its own time: with two factors
# after ln(σ/start²)/(2ησ) steps, with three after 1/(ησ start)
two = np.log(values / start**2) / (2 * step_size * values)
three = 1 / (step_size * values * start)
np.testing.assert_allclose(half_way[2], two, atol=12)
np.testing.assert_allclose(half_way[3], three, rtol=0.02)
