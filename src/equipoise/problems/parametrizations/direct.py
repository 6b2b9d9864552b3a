"""W itself."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.precision import float64
from equipoise.core.problem import Curvature
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, Dense
from equipoise.problems.parametrizations.interface import AbstractParametrization
from equipoise.problems.parametrizations.shaping import as_factors


class Direct(AbstractParametrization):
    """W = X, θ = (X: d1 x d2,): the convex problem, without factors. Source: Gunasekar et al. (2017), Eq. (1)."""

    shape: tuple[int, int] = eqx.field(static=True)

    @property
    def shapes(self) -> Shapes:
        """((d1, d2),)."""
        return (self.shape,)

    @property
    def rank(self) -> int:
        """min(d1, d2)."""
        return min(self.shape)

    @property
    def is_direct(self) -> bool:
        """θ is W."""
        return True

    @property
    def is_entrywise(self) -> bool:
        """Each entry is a parameter."""
        return True

    @property
    def degree(self) -> int:
        """1."""
        return 1

    def product(self, theta: Theta) -> Dense:
        """X."""
        return Dense(theta[0])

    def factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(X, I), or (I, Xᵀ) where X has more columns than rows."""
        return as_factors(jnp.asarray(theta[0]))

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array]:
        """G."""
        return (gradient.dense(),)

    def curvature(self, theta: Theta, scale: float) -> Curvature:
        """The Hessian is scale · I."""
        c = jnp.asarray(scale, theta[0].dtype)
        return Curvature(c * (self.shape[0] * self.shape[1]), c, c)

    @float64
    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[Array]:
        """The matrix itself."""
        return (jnp.array(matrix),)
