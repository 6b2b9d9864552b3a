"""W as a difference of two powers, entry by entry."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.checks import whole_number
from equipoise.core.precision import float64
from equipoise.core.problem import Curvature
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, Dense
from equipoise.problems.parametrizations.interface import AbstractParametrization
from equipoise.problems.parametrizations.shaping import as_factors


class PowerDifference(AbstractParametrization):
    """W = Uᴸ − Vᴸ, entry by entry, θ = (U, V): a diagonal linear network of depth L, whose layers share their weights.

    - `shape`: (d1, d2) of W, U and V; (d, 1) for a vector of d numbers.
    - `depth`: L ≥ 2; 2 by default.

    From U = V = α, W starts at 0. Gradient flow keeps U ∘ V at L = 2 and U^{2−L} + V^{2−L} beyond, entry by entry.
    Raises `InputError` for a depth below 2.
    Source: B. Woodworth et al., Kernel and rich regimes in overparametrized models (2020), Sections 4 and 5.
    """

    shape: tuple[int, int] = eqx.field(static=True)
    depth: int = eqx.field(static=True, default=2)

    def __check_init__(self) -> None:
        whole_number("The depth of a difference of powers", self.depth, 2)

    @property
    def shapes(self) -> Shapes:
        """((d1, d2), (d1, d2))."""
        return self.shape, self.shape

    @property
    def rank(self) -> int:
        """min(d1, d2)."""
        return min(self.shape)

    @property
    def is_entrywise(self) -> bool:
        """Each entry depends on two parameters."""
        return True

    @property
    def degree(self) -> int:
        """L."""
        return self.depth

    def product(self, theta: Theta) -> Dense:
        """Uᴸ − Vᴸ."""
        return Dense(self._difference(theta))

    def factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(W, I), or (I, Wᵀ) where W has more columns than rows."""
        return as_factors(self._difference(theta))

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, Array]:
        """(L G ∘ U^{L−1}, −L G ∘ V^{L−1})."""
        u, v = (jnp.asarray(w) for w in theta)
        slope = self.depth * gradient.dense()
        return slope * u ** (self.depth - 1), -slope * v ** (self.depth - 1)

    def curvature(self, theta: Theta, scale: float) -> Curvature | None:
        """None: the trace depends on the residual, which is not available here."""
        return None

    @float64
    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[Array, Array]:
        """The L-th roots of the positive part of W and of its negative part."""
        given = jnp.asarray(matrix)
        return jnp.maximum(given, 0.0) ** (1 / self.depth), jnp.maximum(-given, 0.0) ** (1 / self.depth)

    def _difference(self, theta: Theta) -> Array:
        u, v = (jnp.asarray(w) for w in theta)
        return u**self.depth - v**self.depth
