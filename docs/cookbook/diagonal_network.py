"""A diagonal network: which of all solutions gradient descent finds."""

from pathlib import Path

import numpy as np

import equipoise as eq

random = np.random.default_rng(0)
truth = np.zeros(20)
truth[:2] = 1.0, -1.0
inputs = random.standard_normal((10, 20)) / 10**0.5  # 10 equations
problem = eq.problems.regression(inputs, inputs @ truth)  # w = u² − v²

# predicted from the start alone, and proven by the KKT conditions
sizes = np.array([1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-5, 1e-6])
sums = []
starts = sizes[:, None, None] * np.ones((20, 1))  # u = v = α
for start in starts:
    limit = eq.theory.diagonal_flow_limit(problem, (start, start))
    proof = eq.theory.diagonal_optimality(problem, (start, start), limit.theta)
    assert proof.holds(1e-9)
    sums.append(np.abs(limit.matrix).sum())

# simulated, one replicate for each of the larger starts
run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(step_size=0.01),
    eq.initial.Given((starts[:4], starts[:4])),
    seed=0,
    replicates=4,
    steps=20_000,
)
w = run.theta[0] ** 2 - run.theta[1] ** 2
found = np.abs(w).sum(axis=(1, 2))

figure, axes = eq.plots.new_figure(panel=(4.0, 3.0))
axes[0, 0].semilogx(sizes, sums, label="predicted")
axes[0, 0].plot(sizes[:4], found, "o", label="gradient descent")
axes[0, 0].set(xlabel="size of the start, α", ylabel="‖w‖₁")
axes[0, 0].legend()
eq.plots.save_figure(figure, Path("diagonal_network"))

np.testing.assert_allclose(found, sums[:4], rtol=2e-3)
assert (np.diff(sums) < 0).all()
assert sums[0] > 1.5 * 2
assert sums[-1] - 2 < 1e-4  # the least sum, of the sparse w, is 2
