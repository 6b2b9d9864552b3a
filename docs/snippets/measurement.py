"""A measurement of your own: entries with weights; weight 0 hides an entry."""

import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.problems import (
    AbstractMeasurement,
    Asymmetric,
    Dense,
    Factored,
    Signal,
)


class Weighted(AbstractMeasurement):
    """loss(W) = ½ Σᵢⱼ wᵢⱼ (W − M)ᵢⱼ²."""

    matrix: np.ndarray
    weights: np.ndarray

    @property
    def shape(self):
        """(d1, d2) of M."""
        return self.matrix.shape

    @property
    def dtype(self):
        """The precision of M."""
        return self.matrix.dtype

    def residual(self, product):
        """√(w/2) (W − M) as a vector, whose squared norm is the loss."""
        return (
            jnp.sqrt(self.weights / 2) * (product.dense() - self.matrix)
        ).ravel()

    def loss(self, product):
        """The weighted sum of squares."""
        return jnp.sum(self.residual(product) ** 2)

    def gradient(self, product):
        """The gradient with respect to W, as a matrix to multiply with."""
        return Dense(self.weights * (product.dense() - self.matrix))

    def curvature_scale(self):
        """None: the Hessian is not a multiple of the identity."""

    def relative_error(self, product):
        """How far W is from M where there is a weight."""
        return jnp.sqrt(
            self.loss(product) / jnp.sum(self.weights * self.matrix**2 / 2)
        )

    def signal(self, rank):
        """The leading singular triplets of the true matrix."""
        left, values, right = np.linalg.svd(self.matrix, full_matrices=False)
        return Signal(left[:, :rank], values[:rank], right[:rank].T)


random = np.random.default_rng(0)
matrix = random.standard_normal((20, 2)) @ random.standard_normal((2, 15))
seen = (random.random(matrix.shape) < 0.6).astype(float)
problem = Factored(Weighted(matrix, seen), Asymmetric(matrix.shape, width=2))
run = eq.simulate(
    problem,
    eq.dynamics.GradientDescent(step_size=0.02),
    eq.initial.Gaussian(1e-3),
    seed=0,
    steps=4000,
    record=eq.Record(every=500, observables=("loss", "nuclear_norm")),
)

# six entries in ten were seen, and all are found
theta = tuple(factor[0] for factor in run.theta)
complete = eq.problems.factorization(matrix, rank=2)
assert (
    float(eq.evaluate(complete, theta, ["relative_error"])["relative_error"])
    < 1e-3
)
