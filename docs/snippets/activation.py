"""An activation of your own: |x|, which is homogeneous.

So gradient flow keeps the balance of every neuron.
"""

import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.problems.networks import (
    AbstractActivation,
    Convolution,
    Dense,
    MaxPooling,
)


class AbsoluteValue(AbstractActivation):
    """φ(x) = |x|."""

    @property
    def degree(self):
        """1, since φ'(x) x = φ(x); None if there were no such number."""
        return 1.0

    def __call__(self, x):
        """Of each number."""
        return jnp.abs(x)


random = np.random.default_rng(0)
signals, classes = (
    random.standard_normal((40, 2, 10)),
    random.integers(0, 3, 40),
)
problem = eq.problems.network(
    inputs=signals,
    targets=classes,
    layers=(
        Convolution(4, window=3),
        MaxPooling(2),
        Convolution(3, window=2),
        Dense(3),
    ),
    activation=AbsoluteValue(),
    loss="cross_entropy",
    bias=True,
)
run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(step_size=1e-3),
    eq.initial.Gaussian(0.3),
    seed=0,
    steps=2000,
    record=eq.Record(
        every=500,
        observables=(
            "loss",
            "squared_norms",
            "norm_differences",
            "neuron_differences",
        ),
    ),
)
norms, differences = (
    run.dataset["squared_norms"],
    run.dataset["neuron_differences"],
)
moved = float(abs(norms - norms.isel(step=0)).max())
assert moved > 0.1
assert float(abs(differences - differences.isel(step=0)).max()) < 0.01 * moved
