"""An engine of your own: one step of one replicate at a time, to debug."""

import operator

import jax
import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.simulation import AbstractEngine, one_step


class OneByOne(AbstractEngine):
    """Nothing is compiled, so a breakpoint in a method shows the numbers."""

    name = "one by one"
    is_traced = False

    def refusal(self, experiment):
        """Why it cannot run an experiment; empty, since it can run all."""
        return ""

    def advance(self, experiment, batch, step, count):
        """The batch after `count` more steps, from number `step` on."""
        replicates = [
            jax.tree.map(operator.itemgetter(i), batch)
            for i in range(batch.status.size)
        ]
        for number in range(step, step + count):
            replicates = [
                one_step(experiment, replicate, number)
                for replicate in replicates
            ]
        return jax.tree.map(lambda *leaves: jnp.stack(leaves), *replicates)


problem = eq.problems.planted((4, 3), rank=1)
dynamics = eq.dynamics.PerturbedGD(
    step_size=0.1, noise=eq.noise.Gaussian(0.05)
)
settings = {
    "init": eq.initial.Gaussian(0.3),
    "seed": 0,
    "steps": 4,
    "replicates": 2,
    "record": eq.Record(2, ("loss",)),
}
slow = eq.simulate(problem, dynamics, engine=OneByOne(), **settings)
fast = eq.simulate(problem, dynamics, engine="xla", **settings)

# the same paths, up to rounding
np.testing.assert_allclose(slow.theta[0], fast.theta[0], rtol=1e-10)
np.testing.assert_allclose(
    slow.dataset["loss"], fast.dataset["loss"], rtol=1e-10
)
assert slow.dataset.attrs["engine"] == "one by one"
