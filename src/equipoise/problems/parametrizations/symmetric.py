"""W = UUᵀ."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.precision import float64
from equipoise.core.problem import Curvature
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, LowRank
from equipoise.problems.parametrizations.interface import AbstractParametrization
from equipoise.problems.parametrizations.shaping import filled


class Symmetric(AbstractParametrization):
    """W = UUᵀ, θ = (U: n x d,), with `size` n and any `width` d.

    Columns of zeros stay zero, so that a narrow U can be padded to a wide one.
    Source: Gunasekar et al. (2017), Eq. (2).
    """

    size: int = eqx.field(static=True)
    width: int = eqx.field(static=True)

    @property
    def shapes(self) -> Shapes:
        """((n, d),)."""
        return ((self.size, self.width),)

    @property
    def rank(self) -> int:
        """min(n, d)."""
        return min(self.size, self.width)

    @property
    def degree(self) -> int:
        """2."""
        return 2

    def product(self, theta: Theta) -> LowRank:
        """UUᵀ."""
        return LowRank(theta[0], theta[0])

    def factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(U, U)."""
        return theta[0], theta[0]

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array]:
        """(G + Gᵀ) U, which is 2GU if G is symmetric."""
        u = theta[0]
        return (gradient.matmul(u) + gradient.rmatmul(u),)

    def curvature(self, theta: Theta, scale: float) -> Curvature | None:
        """None: the trace depends on the residual, which is not available here."""
        return None

    @float64
    def point(self, matrix: Float[AnyArray, "n n"]) -> tuple[Array]:
        """U = V√λ₊ from the leading d eigenpairs (λ, V) of (W + Wᵀ)/2; negative eigenvalues count as 0."""
        given = jnp.asarray(matrix)
        values, vectors = jnp.linalg.eigh((given + given.T) / 2)
        order = jnp.argsort(-values)[: self.rank]
        return (filled(vectors[:, order] * jnp.sqrt(jnp.maximum(values[order], 0.0)), self.shapes[0]),)
