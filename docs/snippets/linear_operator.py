"""The sums of the rows of a matrix, as measurements of it."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

import equipoise as eq


class RowSums(eq.problems.AbstractFormedOperator):
    """A(W) = W 1: the sum of each row."""

    shape: tuple[int, int] = eqx.field(static=True)

    @property
    def count(self):
        """How many numbers are measured."""
        return self.shape[0]

    def apply(self, product):
        """A(W)."""
        return product.matmul(self._ones())[:, 0]

    def adjoint(self, weights):
        """A*(z) = z 1ᵀ, in factors."""
        column = jnp.asarray(weights)[:, None]
        return eq.problems.LowRank(column, self._ones())

    def _ones(self):
        return jnp.ones((self.shape[1], 1))


sums = np.array([3.0, -1.0, 2.0])
operator = RowSums((3, 4))
problem = eq.problems.sensing(operator, sums, parametrization="asymmetric")
run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(0.01),
    eq.initial.Gaussian(std=1e-3),
    seed=0,
    steps=5000,
    record=eq.Record(every=500, observables=("loss", "nuclear_norm")),
)

# a small start ends at the least nuclear norm with these sums
least = eq.certified.minimum_nuclear_norm(operator, sums, psd=False)
end = run.dataset.isel(step=-1, replicate=0)
assert least.converged
assert end["loss"] < 1e-12
np.testing.assert_allclose(end["nuclear_norm"], least.upper, rtol=1e-3)
