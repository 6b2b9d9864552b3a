"""The noise level that reaches a wanted balance, by gradient descent on it."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import equipoise as eq

problem = eq.problems.planted((6, 8), rank=1)
start = tuple(0.4 * np.ones(shape) for shape in problem.shapes)
wanted, std_y = 2.0, 0.1


def balance(std_x, seed, replicates=16):
    """‖X‖/‖Y‖ after 300 steps, the geometric mean of the replicates."""
    noise = eq.noise.Gaussian((std_x, std_y))
    method = eq.dynamics.PerturbedGD(step_size=0.1, noise=noise)

    def one(replicate):
        x, y = eq.simulation.unroll(
            problem, method, start, steps=300, seed=seed, replicate=replicate
        )
        return jnp.log(jnp.linalg.norm(x) / jnp.linalg.norm(y))

    return jnp.exp(jnp.mean(jax.vmap(one)(jnp.arange(replicates))))


def miss(log_std_x):
    """The squared log of the balance over the wanted one; the balance"""
    reached = balance(jnp.exp(log_std_x), seed=0)
    return jnp.log(reached / wanted) ** 2, reached


levels, reached = [0.06], []
with eq.numerics():
    slope = jax.jit(jax.value_and_grad(miss, has_aux=True))
    for _ in range(7):
        (_, now), gradient = slope(jnp.log(levels[-1]))
        reached.append(float(now))
        levels.append(levels[-1] * float(np.exp(-0.45 * gradient)))

expected = wanted * std_y * (8 / 6) ** 0.5  # γ² = 6 std_x²/(8 std_y²)
figure, axes = eq.plots.new_figure(columns=2, panel=(3.0, 2.6))
for panel, values, goal in zip(
    axes[0], (levels[:-1], reached), (expected, wanted), strict=True
):
    panel.plot(values, "o-")
    panel.axhline(goal, color="gray", linestyle="--")
    panel.set_xlabel("step on the noise level")
axes[0, 0].set_ylabel("noise level of X")
axes[0, 1].set_ylabel("balance reached")
eq.plots.save_figure(figure, Path("hypergradient"))

assert abs(reached[-1] - wanted) < 0.01
# theory predicts the level from the second moments of the noise alone
assert abs(levels[-1] / expected - 1) < 0.1
