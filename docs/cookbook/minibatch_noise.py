"""The noise of minibatches beside the noise of Perturbed GD."""

from pathlib import Path

import numpy as np

import equipoise as eq

random = np.random.default_rng(0)
truth = random.standard_normal((12, 2)) @ random.standard_normal((2, 12)) / 5
rows, columns = eq.problems.random_entries((12, 12), 100, seed=0)
problem = eq.problems.completion(
    (rows, columns, truth[rows, columns]), shape=(12, 12), width=2, scale=0.5
)
plain = eq.dynamics.GradientDescent(step_size=0.02)
methods = {
    "gradient descent": plain,
    "minibatches of 20": eq.dynamics.Minibatch(plain, size=20),
    "Perturbed GD": eq.dynamics.PerturbedGD(
        0.02, eq.noise.Until(eq.noise.Gaussian(0.08), last=1_500)
    ),
}
runs = {
    name: eq.simulate(
        problem,
        method,
        eq.initial.Unbalanced(eq.initial.Gaussian(0.3), factor=4),
        seed=0,
        replicates=6,
        steps=2_000,
        record=eq.Record(50, ("relative_error", "balance")),
    ).dataset
    for name, method in methods.items()
}
figure = eq.plots.draw_runs(
    runs, ("relative_error", "balance"), expected={"balance": 1}
)
eq.plots.save_figure(figure, Path("minibatch_noise"))

# the entries can be fitted exactly: there the gradients of all minibatches
# vanish, and with them the noise that could move the balance
end = {
    name: run.isel(step=-1).median("replicate") for name, run in runs.items()
}
balances = {name: float(run["balance"]) for name, run in end.items()}
assert balances["gradient descent"] > 2
assert balances["minibatches of 20"] > 2
assert abs(balances["Perturbed GD"] - 1) < 0.05
