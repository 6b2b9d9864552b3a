"""A noise law of your own: random signs."""

import jax
import jax.numpy as jnp

import equipoise as eq


class RandomSigns(eq.noise.AbstractNoise):
    """ξ = ±std with equal chances, entry by entry."""

    std: float

    def sample(self, key, step, shapes, dtype):
        """Fresh signs for one step, all of them from `key`."""
        keys = jax.random.split(key, len(shapes))
        return tuple(
            self.std * jax.random.rademacher(k, shape, dtype)
            for k, shape in zip(keys, shapes, strict=True)
        )

    def second_moments(self, step, shapes, dtype):
        """E[ξᵀξ] = rows · std² · I for each factor."""
        return tuple(
            rows * self.std**2 * jnp.eye(rank, dtype=dtype)
            for rows, rank in shapes
        )


problem = eq.problems.planted((8, 8), rank=1)
noise = RandomSigns(std=0.1)
run = eq.simulate(
    problem,
    eq.dynamics.PerturbedGD(step_size=0.02, noise=noise),
    eq.initial.Unbalanced(eq.initial.Gaussian(0.3), factor=4),
    seed=0,
    steps=3000,
    replicates=20,
    record=eq.Record(every=1000, observables=("balance", "nuclear_norm")),
)

# the theory knows the new law by its second moments:
# balance 1, and singular values lowered by 8 · 0.1² = 0.08
end = run.dataset.isel(step=-1).median("replicate")
assert (
    abs(end["balance"] - eq.theory.noise_balance(noise, problem.shapes)) < 0.05
)
assert (
    abs(end["nuclear_norm"] - (1 - eq.theory.threshold(noise, problem.shapes)))
    < 0.05
)
