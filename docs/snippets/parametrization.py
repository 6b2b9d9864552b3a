"""A problem of your own by a new parametrization: a symmetric matrix as UUᵀ."""

import equinox as eqx
import jax
import numpy as np

import equipoise as eq
from equipoise.problems import AbstractParametrization, Dense, Factored, Full, LowRank


class Symmetric(AbstractParametrization):
    """W = UUᵀ, θ = (U: n x r,)."""

    size: int = eqx.field(static=True)
    rank: int = eqx.field(static=True)

    @property
    def shapes(self):
        """((n, r),): one array."""
        return ((self.size, self.rank),)

    def product(self, theta):
        """W, in factors."""
        return LowRank(theta[0], theta[0])

    def pull_back(self, theta, gradient):
        """(G + Gᵀ) U, from the gradient G with respect to W."""
        return (gradient.matmul(theta[0]) + gradient.rmatmul(theta[0]),)

    def curvature(self, theta, scale):
        """None: no closed form is claimed."""


random = np.random.default_rng(0)
factor = random.standard_normal((6, 2))
problem = Factored(Full(Dense(factor @ factor.T)), Symmetric(6, 2))

# the closed form of the gradient is that of automatic differentiation
point = (random.standard_normal((6, 2)),)
with eq.numerics():
    automatic = jax.grad(problem.loss)(point)
np.testing.assert_allclose(problem.gradient(point)[0], automatic[0], rtol=1e-10)

run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(step_size=0.01),
    eq.initial.Gaussian(0.01),
    seed=0,
    steps=3000,
    stop=eq.StopWhen("loss", below=1e-12),
    record=eq.Record(every=100, observables=("loss", "singular_values")),
)
assert run.status == (eq.Status.stopped,)
