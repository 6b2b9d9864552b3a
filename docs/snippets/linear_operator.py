"""A linear operator of your own: sums of W over blocks of rows and columns."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.problems import AbstractOperator, Dense


class BlockSums(AbstractOperator):
    """A(W): the sum of each block of `size` x `size` neighboring entries."""

    blocks: tuple[int, int] = eqx.field(static=True)
    size: int = eqx.field(static=True)

    @property
    def shape(self):
        """(d1, d2) of W."""
        return self.blocks[0] * self.size, self.blocks[1] * self.size

    @property
    def count(self):
        """The number of measurements."""
        return self.blocks[0] * self.blocks[1]

    def apply(self, product):
        """A(W), one number for each block."""
        rows, columns = self.blocks
        tiles = product.dense().reshape(rows, self.size, columns, self.size)
        return tiles.sum(axis=(1, 3)).ravel()

    def adjoint(self, weights):
        """A*(z): the weight of its block at every entry."""
        ones = jnp.ones((self.size, self.size))
        return Dense(jnp.kron(jnp.reshape(weights, self.blocks), ones))


random = np.random.default_rng(0)
matrix = np.kron(random.standard_normal((4, 3)), np.ones((2, 2)))
operator = BlockSums(blocks=(4, 3), size=2)

# the adjoint is that of `apply`: ⟨A(W), z⟩ = ⟨W, A*(z)⟩
weights = random.standard_normal(operator.count)
with eq.numerics():
    seen = operator.apply(Dense(matrix))
    back = operator.adjoint(weights).dense()
    assert abs(jnp.vdot(seen, weights) - jnp.vdot(matrix, back)) < 1e-10

problem = eq.problems.sensing(operator, seen, parametrization="asymmetric")
run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(step_size=0.005),
    eq.initial.GaussianOfNorm(1e-3),
    seed=0,
    steps=5000,
    record=eq.Record(500, ("relative_error", "nuclear_norm")),
)

# a small start finds the matrix of least nuclear norm with these sums:
# it is constant on each block
end = run.dataset.isel(step=-1, replicate=0)
least = np.linalg.norm(matrix, "nuc")
assert float(end["relative_error"]) < 1e-6
assert abs(float(end["nuclear_norm"]) / least - 1) < 0.01
