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
        return product.matmul(jnp.ones((self.shape[1], 1)))[:, 0]

    def adjoint(self, weights):
        """A*(z) = z 1ᵀ, in factors."""
        return eq.problems.LowRank(jnp.asarray(weights)[:, None], jnp.ones((self.shape[1], 1)))


sums = np.array([3.0, -1.0, 2.0])
problem = eq.problems.sensing(RowSums((3, 4)), sums, parametrization="asymmetric")
start, record = eq.initial.Gaussian(std=1e-3), eq.Record(every=500, observables=("loss", "nuclear_norm"))
run = eq.simulate(problem, eq.dynamics.GradientDescent(0.01), start, seed=0, steps=5000, record=record)

least = eq.certified.minimum_nuclear_norm(problem.measurement.operator, sums, psd=False)
assert least.converged
assert run.dataset["loss"][0, -1] < 1e-12
np.testing.assert_allclose(run.dataset["nuclear_norm"][0, -1], least.upper, rtol=1e-3)
