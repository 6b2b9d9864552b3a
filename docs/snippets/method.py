"""A method of your own: Perturbed GD with heavy-ball momentum."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import equipoise as eq


class HeavyBall(eq.dynamics.AbstractDynamics):
    """v ← momentum · v − step_size · ∇loss(θ + ξ), θ ← θ + v."""

    step_size: np.ndarray = eqx.field(converter=np.asarray)
    momentum: np.ndarray = eqx.field(converter=np.asarray)
    noise: eq.noise.AbstractNoise

    def init(self, problem, theta):
        """The state before the first step: the velocity 0."""
        return tuple(jnp.zeros_like(w) for w in theta)

    def step(self, problem, theta, state, key, step):
        """θ and the velocity after step number `step`."""
        drawn = self.perturbation(problem, key, step)
        at = tuple(w + z for w, z in zip(theta, drawn, strict=True))
        velocity = tuple(
            self.momentum * v - self.step_size * g
            for v, g in zip(state, problem.gradient(at), strict=True)
        )
        moved = tuple(w + v for w, v in zip(theta, velocity, strict=True))
        return moved, velocity

    def perturbation(self, problem, key, step):
        """ξ of this step, drawn here so that it can be recorded, too."""
        return self.noise.sample(key, step, problem.shapes, problem.dtype)


problem = eq.problems.planted((8, 8), rank=1)
noise = eq.noise.Gaussian(std=0.1)
settings = {
    "init": eq.initial.Gaussian(0.3),
    "seed": 0,
    "steps": 500,
    "replicates": 3,
}
heavy = eq.simulate(problem, HeavyBall(0.002, 0.9, noise), **settings)
light = eq.simulate(problem, HeavyBall(0.02, 0.0, noise), **settings)
plain = eq.simulate(problem, eq.dynamics.PerturbedGD(0.02, noise), **settings)

# without momentum it is Perturbed GD, number by number:
# the same seed draws the same noise
np.testing.assert_allclose(light.theta[0], plain.theta[0], rtol=1e-10)
assert heavy.dataset["loss"].isel(step=-1).max() < 0.1
