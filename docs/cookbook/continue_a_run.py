"""Continue a run for longer, and look closer while it goes on."""

import numpy as np
import optax

import equipoise as eq

problem = eq.problems.planted((20, 30), rank=2, values=(2.0, 1.0))
momentum = eq.dynamics.Optax(optax.trace(decay=0.9), step_size=0.005)
settings = {"init": eq.initial.Gaussian(0.05), "seed": 0, "replicates": 5}

first = eq.simulate(
    problem, momentum, **settings, steps=60, record=eq.Record(20, "loss")
)

# θ and the momentum go on from where they were; every step is recorded now
longer = eq.simulate(
    problem, momentum, resume=first, steps=140, record=eq.Record(1, "loss")
)
at_once = eq.simulate(
    problem, momentum, **settings, steps=200, record=eq.Record(20, "loss")
)

# a start at the same θ without the momentum takes another way
anew = eq.simulate(
    problem,
    momentum,
    eq.initial.Given(first.theta),
    seed=0,
    replicates=5,
    steps=140,
    record=eq.Record(20, "loss"),
)

recorded = longer.dataset["step"].values.tolist()
assert recorded == [0, 20, 40, *range(60, 201)]
for resumed, whole in zip(longer.theta, at_once.theta, strict=True):
    np.testing.assert_allclose(resumed, whole, rtol=1e-10)
assert abs(anew.theta[0] - at_once.theta[0]).max() > 1e-3
