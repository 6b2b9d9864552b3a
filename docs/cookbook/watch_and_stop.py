"""Watch a run, and stop it by a rule of one's own."""

import numpy as np

import equipoise as eq

problem = eq.problems.planted((10, 10), rank=1)
dynamics = eq.dynamics.PerturbedGD(0.02, eq.noise.Gaussian(std=0.1))
watched = eq.watch(
    problem,
    dynamics,
    eq.initial.Unbalanced(eq.initial.Gaussian(0.3), factor=4),
    seed=0,
    replicates=20,
    steps=20_000,
    record=eq.Record(100, ("loss", "balance")),
)

# the rule: stop when the middle half of all replicates is within 10 % of 1
for look in watched:
    low, high = np.quantile(look.values["balance"], [0.25, 0.75])
    print(f"{look.step:6d}  {low:.2f} to {high:.2f}")
    if low > 0.9 and high < 1.1:
        break

# what was seen is a run like any other, and may go on without noise
run = watched.run()
quiet = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(0.02),
    eq.initial.Given(run.theta),
    seed=0,
    replicates=20,
    steps=1_000,
    record=eq.Record(500, ("loss", "balance")),
)

assert set(run.status) == {eq.Status.interrupted}
assert run.dataset["step"].values[-1] == look.step < 20_000
start, end = (quiet.dataset.isel(step=i) for i in (0, -1))
assert float(end["loss"].max()) < 1e-10 < float(start["loss"].min())
assert float(abs(end["balance"].median() - 1)) < 0.1
