"""The norm of the momentum, and the loss at the point that noise perturbs."""

import jax.numpy as jnp
import optax

import equipoise as eq


def momentum_norm(problem, theta, state):
    """Norm of the momentum"""
    return jnp.sqrt(sum(jnp.sum(m**2) for m in state.trace))


def gradient_norm(problem, theta):
    """Norm of the gradient"""
    return jnp.sqrt(sum(jnp.sum(g**2) for g in problem.gradient(theta)))


def excess(problem, theta, noise):
    """Loss at the perturbed point, less the loss at the iterate"""
    moved = tuple(w + z for w, z in zip(theta, noise, strict=True))
    return problem.loss(moved) - problem.loss(theta)


problem = eq.problems.planted((10, 10), rank=1)
start = {"init": eq.initial.Gaussian(0.1), "seed": 0, "replicates": 20}
heavy = eq.simulate(
    problem,
    eq.dynamics.Optax(optax.trace(decay=0.9), step_size=0.001),
    record=eq.Record(10, (momentum_norm, gradient_norm)),
    **start,
    steps=1_500,
)
law = eq.noise.Gaussian(std=0.1)
noisy = eq.simulate(
    problem,
    eq.dynamics.PerturbedGD(0.02, law),
    record=eq.Record(1, (excess,)),
    **start,
    steps=1_000,
)

# a momentum that decays by 0.9 is some 1/(1 − 0.9) gradients long
ratio = heavy.dataset["momentum_norm"] / heavy.dataset["gradient_norm"]
middle = ratio.sel(step=slice(200, 500)).median()

# the excess is what the smoothed objective adds to the loss at its minimum
signal, shapes = eq.problems.signal_of(problem), problem.shapes
minimum = eq.theory.smoothed_minimum(signal, law, shapes)
smoothed = eq.theory.smoothed(problem, law)
predicted = float(smoothed.loss(minimum) - problem.loss(minimum))
late = noisy.dataset["excess"].sel(step=slice(500, None))

assert 8 < float(middle) < 12
assert abs(float(late.mean()) / predicted - 1) < 0.05
