"""How a matrix W is written in free parameters: the inner half of a problem."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.problem import Curvature
from equipoise.core.types import Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, LowRank


class AbstractParametrization(eqx.Module):
    """A map θ -> W(θ), and its pull-back of gradients."""

    @property
    @abc.abstractmethod
    def shapes(self) -> Shapes:
        """The shape of each array of θ."""

    @abc.abstractmethod
    def product(self, theta: Theta) -> LowRank:
        """W(θ), in factors."""

    @abc.abstractmethod
    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, ...]:
        """The gradient with respect to θ, from the gradient with respect to W."""

    @abc.abstractmethod
    def curvature(self, theta: Theta, scale: float) -> Curvature | None:
        """Closed forms for the Hessian where that of W is `scale` times the identity."""


class Asymmetric(AbstractParametrization):
    """W = XYᵀ, θ = (X: d1 x r, Y: d2 x r)."""

    shape: tuple[int, int] = eqx.field(static=True)
    rank: int = eqx.field(static=True)

    @property
    def shapes(self) -> Shapes:
        """((d1, r), (d2, r))."""
        return (self.shape[0], self.rank), (self.shape[1], self.rank)

    def product(self, theta: Theta) -> LowRank:
        """XYᵀ."""
        x, y = theta
        return LowRank(x, y)

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, Array]:
        """(G Y, Gᵀ X), Liu et al. (2021), Lemma 1."""
        x, y = theta
        return gradient.matmul(y), gradient.rmatmul(x)

    def curvature(self, theta: Theta, scale: float) -> Curvature:
        """With J(dX, dY) = dX Yᵀ + X dYᵀ the Gauss-Newton part is scale · JᵀJ.

        JJᵀ(W) = W YYᵀ + XXᵀ W, so its non-zero eigenvalues are the sums of one eigenvalue of XXᵀ (d1 of them, r
        non-zero) and one of YYᵀ (d2, r). The rest of the Hessian is off the diagonal, so the trace is exact. At rank 1
        the condition number is that of Liu et al. (2021), Lemma 2.
        """
        x, y = (jnp.asarray(factor) for factor in theta)
        d1, d2 = self.shape
        of_x, of_y = jnp.linalg.eigvalsh(x.T @ x), jnp.linalg.eigvalsh(y.T @ y)
        trace = d1 * jnp.sum(of_y) + d2 * jnp.sum(of_x)
        # XXᵀ has a zero eigenvalue only if d1 > r; then those of YYᵀ stand alone too, and the other way round
        alone = [of_y[0]] * (d1 > self.rank) + [of_x[0]] * (d2 > self.rank) + [of_x[0] + of_y[0]]
        smallest = jnp.min(jnp.stack(alone))
        return Curvature(scale * trace, scale * (of_x[-1] + of_y[-1]), scale * smallest)
