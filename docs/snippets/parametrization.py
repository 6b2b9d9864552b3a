"""A parametrization of your own: row and column effects beside XYᵀ."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.problems import (
    AbstractParametrization,
    Dense,
    Factored,
    Full,
    LowRank,
)


class WithEffects(AbstractParametrization):
    """W = a1ᵀ + 1bᵀ + XYᵀ with θ = (a, b, X, Y)."""

    shape: tuple[int, int] = eqx.field(static=True)
    width: int = eqx.field(static=True)

    @property
    def shapes(self):
        """One shape for each of the four arrays."""
        d1, d2 = self.shape
        return (d1, 1), (d2, 1), (d1, self.width), (d2, self.width)

    @property
    def rank(self):
        """The largest rank that W can have."""
        return min(*self.shape, self.width + 2)

    def factors(self, theta):
        """(L, R) with W = LRᵀ."""
        a, b, x, y = theta
        left = jnp.concatenate([a, jnp.ones_like(a), x], axis=1)
        right = jnp.concatenate([jnp.ones_like(b), b, y], axis=1)
        return left, right

    def product(self, theta):
        """W, in factors."""
        return LowRank(*self.factors(theta))

    def pull_back(self, theta, gradient):
        """(G1, Gᵀ1, GY, GᵀX), from the gradient G with respect to W."""
        a, b, x, y = theta
        ones = (
            gradient.matmul(jnp.ones_like(b)),
            gradient.rmatmul(jnp.ones_like(a)),
        )
        return *ones, gradient.matmul(y), gradient.rmatmul(x)

    def curvature(self, theta, scale):
        """None: no closed form is claimed."""

    def point(self, matrix):
        """Row and column means, and the leading triplets of the rest."""
        a = matrix.mean(axis=1, keepdims=True)
        b = (matrix - a).mean(axis=0, keepdims=True).T
        left, values, right = jnp.linalg.svd(
            matrix - a - b.T, full_matrices=False
        )
        root = jnp.sqrt(values[: self.width])
        return a, b, left[:, : self.width] * root, right[: self.width].T * root


random = np.random.default_rng(0)
matrix = random.standard_normal((6, 1)) + random.standard_normal((1, 5))
matrix = matrix + random.standard_normal((6, 2)) @ random.standard_normal(
    (2, 5)
)
problem = Factored(Full(Dense(matrix)), WithEffects((6, 5), 2))

# the closed form of the gradient is that of automatic differentiation
theta = tuple(random.standard_normal(shape) for shape in problem.shapes)
with eq.numerics():
    automatic = jax.grad(problem.loss)(theta)
for closed, found in zip(problem.gradient(theta), automatic, strict=True):
    np.testing.assert_allclose(closed, found, rtol=1e-10, atol=1e-10)

run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(step_size=0.02),
    eq.initial.Gaussian(0.01),
    seed=0,
    steps=8000,
    stop=eq.StopWhen("loss", below=1e-12),
    record=eq.Record(every=100, observables=("loss", "singular_values")),
)
assert run.status == (eq.Status.stopped,)
