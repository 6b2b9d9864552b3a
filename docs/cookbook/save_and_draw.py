"""Save runs, load them, and draw a figure for print."""

from pathlib import Path

import equipoise as eq

folder = Path("runs")
problem = eq.problems.planted((10, 10), rank=1)
start = eq.initial.Unbalanced(eq.initial.Gaussian(0.3), factor=4)
methods = {
    "gradient descent": eq.dynamics.GradientDescent(0.02),
    "Perturbed GD": eq.dynamics.PerturbedGD(0.02, eq.noise.Gaussian(0.08)),
}
for name, method in methods.items():
    run = eq.simulate(
        problem,
        method,
        start,
        seed=0,
        replicates=10,
        steps=4_000,
        record=eq.Record(5, ("balance", "condition_number"), growth=0.1),
    )
    run.save(folder / f"{name}.nc")

# later, in another process: everything is in the files
loaded = {name: eq.load(folder / f"{name}.nc") for name in methods}
runs = {name: run.dataset for name, run in loaded.items()}

figure, axes = eq.plots.new_figure(1, 2, panel=(3.25, 2.8))  # two columns
eq.plots.draw_paths(
    axes[0, 0], runs, "balance", logarithmic="xy", legend=False
)
eq.plots.draw_paths(axes[0, 1], runs, "condition_number", logarithmic="xy")
eq.plots.label_axes(axes[0, 1], "step", "condition number")
eq.plots.label_panels(axes[0], ["balance", "condition number"])
png, pdf = eq.plots.save_figure(figure, Path("save_and_draw"))

# 6.5 inches wide: a PNG of 200 dots an inch, and a PDF whose letters are text
assert figure.get_size_inches()[0] == 6.5
assert png.stat().st_size > 0 < pdf.stat().st_size
for name, run in runs.items():
    assert run.attrs["seed"] == "0"
    assert run.sizes["step"] < 100
    assert set(loaded[name].status) == {eq.Status.completed}
end = {
    name: run.isel(step=-1).median("replicate") for name, run in runs.items()
}
assert abs(float(end["Perturbed GD"]["balance"]) - 1) < 0.02
assert float(end["gradient descent"]["condition_number"]) > 2.5
