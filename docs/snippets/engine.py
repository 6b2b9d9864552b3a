"""An engine of your own: replicate after replicate and step after step in plain Python, for a debugger."""

import operator

import jax
import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.core.stream import initial_key, noise_key, replicate_key, step_key
from equipoise.simulation import AbstractEngine
from equipoise.simulation.engines import Batch, Recording

RUNNING, STOPPED, DIVERGED = eq.Status.completed.code, eq.Status.stopped.code, eq.Status.diverged.code


def stacked(trees):
    """One tree with the replicates along a leading axis."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def split(batch):
    """One batch for each replicate."""
    return [jax.tree.map(operator.itemgetter(i), batch) for i in range(batch.status.shape[0])]


class OneByOne(AbstractEngine):
    """Nothing is compiled: a breakpoint in `dynamics.step` shows the numbers themselves."""

    def start(self, experiment, init, seed, replicates):
        """The replicates of the given numbers at step 0."""
        batches = []
        for i in replicates:
            key = replicate_key(seed, i)
            theta = init.sample(initial_key(key), i, experiment.problem)
            state = experiment.dynamics.init(experiment.problem, theta)
            batches.append(Batch(theta, state, noise_key(key), jnp.asarray(RUNNING), jnp.asarray(-1)))
        return stacked(batches)

    def advance(self, experiment, batch, step, count):
        """The batch after `count` more steps; a replicate that has ended stands still."""
        return stacked([self.advance_one(experiment, at, step, count) for at in split(batch)])

    def advance_one(self, experiment, at, step, count):
        """One replicate, `count` steps on."""
        for t in range(step, step + count):
            if at.status != RUNNING:
                break
            key = step_key(at.noise_key, t)
            theta, state = experiment.dynamics.step(experiment.problem, at.theta, at.state, key, t)
            if all(np.isfinite(w).all() for w in theta):
                at = at._replace(theta=theta, state=state)
            else:
                at = at._replace(status=jnp.asarray(DIVERGED), end_step=jnp.asarray(t + 1))
        return at

    def advance_and_look(self, experiment, batch, step, every, looks, room):
        """`looks` times `every` steps and a look; the rest of `room` is not needed here."""
        seen = []
        for k in range(1, looks + 1):
            batch = self.advance(experiment, batch, step + (k - 1) * every, every)
            pairs = [self.look_at_one(experiment, at, step + k * every) for at in split(batch)]
            batch = stacked([at for at, _ in pairs])
            seen.append(stacked([recording for _, recording in pairs]))
        return batch, jax.tree.map(lambda *arrays: jnp.stack(arrays, axis=1), *seen)

    def look_at_one(self, experiment, at, step):
        """One replicate's observables, and whether a stop rule is met."""
        values = {}
        for observable in experiment.observables:
            values.update(observable(experiment.problem, at.theta))
        if at.status == RUNNING and any(bool(rule.met(values)) for rule in experiment.stop):
            at = at._replace(status=jnp.asarray(STOPPED), end_step=jnp.asarray(step))
        shown = {name: jnp.where(at.status == DIVERGED, jnp.nan, value) for name, value in values.items()}
        return at, Recording(shown, at.status == RUNNING)


problem = eq.problems.planted((4, 3), rank=1)
dynamics = eq.dynamics.PerturbedGD(step_size=0.1, noise=eq.noise.Gaussian(0.05))
settings = {"init": eq.initial.Gaussian(0.3), "seed": 0, "steps": 4, "replicates": 2, "record": eq.Record(2, ("loss",))}
slow = eq.simulate(problem, dynamics, engine=OneByOne(), **settings)
fast = eq.simulate(problem, dynamics, **settings)

# the same paths, up to rounding
np.testing.assert_allclose(slow.theta[0], fast.theta[0], rtol=1e-10)
np.testing.assert_allclose(slow.dataset["loss"], fast.dataset["loss"], rtol=1e-10)
