"""Observables of the noise and of the state, which exist along a run only."""

import jax.numpy as jnp
import optax

import equipoise as eq


def excess(problem, theta, noise):
    """Loss at the perturbed point, less the loss at the iterate"""
    at = tuple(w + z for w, z in zip(theta, noise, strict=True))
    return problem.loss(at) - problem.loss(theta)


def momentum_norm(problem, theta, state):
    """Norm of the momentum"""
    return jnp.sqrt(sum(jnp.sum(m**2) for m in state.trace))


problem = eq.problems.planted((8, 8), rank=1)
noise = eq.noise.Gaussian(std=0.1)
settings = {
    "init": eq.initial.Gaussian(0.3),
    "seed": 0,
    "steps": 400,
    "replicates": 20,
}
noisy = eq.simulate(
    problem,
    eq.dynamics.PerturbedGD(0.02, noise),
    record=eq.Record(1, ("loss", excess)),
    **settings,
)
heavy = eq.simulate(
    problem,
    eq.dynamics.Optax(optax.trace(decay=0.9), step_size=0.002),
    record=eq.Record(100, ("loss", momentum_norm)),
    **settings,
)

# on average the perturbed point costs what the smoothed objective adds:
# 0.08 · (1 − 0.08) for the penalties, and 0.08²/2
late = noisy.dataset["excess"].sel(step=slice(200, None))
assert abs(float(late.mean()) - 0.0768) < 0.005

# the momentum is 0 at the start, grows, and dies out with the gradient
median = heavy.dataset["momentum_norm"].median("replicate").values
assert median[0] == 0
assert median[-1] < 0.05 * median[1]
