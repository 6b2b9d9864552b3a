"""W = XYᵀ."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.precision import float64
from equipoise.core.problem import Curvature
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, LowRank
from equipoise.problems.parametrizations.interface import AbstractParametrization
from equipoise.problems.parametrizations.shaping import filled


class Asymmetric(AbstractParametrization):
    """W = XYᵀ, θ = (X: d1 x r, Y: d2 x r), with `shape` (d1, d2) and `width` r.

    `whole` is the shape of the matrix that W is in other coordinates, with rows and columns of zeros left out; None for
    W itself.
    """

    shape: tuple[int, int] = eqx.field(static=True)
    width: int = eqx.field(static=True)
    whole: tuple[int, int] | None = eqx.field(static=True, default=None)

    @property
    def shapes(self) -> Shapes:
        """((d1, r), (d2, r))."""
        return (self.shape[0], self.width), (self.shape[1], self.width)

    @property
    def rank(self) -> int:
        """min(d1, d2, r)."""
        return min(*self.shape, self.width)

    @property
    def degree(self) -> int:
        """2."""
        return 2

    def product(self, theta: Theta) -> LowRank:
        """XYᵀ."""
        return LowRank(*theta)

    def factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(X, Y)."""
        x, y = theta
        return x, y

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, Array]:
        """(G Y, Gᵀ X), Liu et al. (2021), Lemma 1."""
        x, y = theta
        return gradient.matmul(y), gradient.rmatmul(x)

    def curvature(self, theta: Theta, scale: float) -> Curvature:
        """Closed forms from the Gauss-Newton part scale · JᵀJ of the Hessian, with J(dX, dY) = dX Yᵀ + X dYᵀ.

        JJᵀ(W) = W YYᵀ + XXᵀ W, so its non-zero eigenvalues are the non-zero sums of an eigenvalue of XXᵀ (d1 of them,
        up to r non-zero) and one of YYᵀ (d2 of them, up to r non-zero). The rest of the Hessian has a zero diagonal, so
        the trace is exact. At rank 1 the condition number is that of Liu et al. (2021), Lemma 2.
        """
        x, y = (jnp.asarray(factor) for factor in theta)
        d1, d2 = self.whole or self.shape
        of_x, of_y = jnp.linalg.eigvalsh(x.T @ x), jnp.linalg.eigvalsh(y.T @ y)
        trace = d1 * jnp.sum(of_y) + d2 * jnp.sum(of_x)
        # if r > d1, XᵀX has r − d1 more eigenvalues than XXᵀ, all of them 0
        least_x, least_y = of_x[max(self.width - d1, 0)], of_y[max(self.width - d2, 0)]
        # if d1 > r, XXᵀ has the eigenvalue 0, so the eigenvalues of YYᵀ by themselves are sums too; likewise for d2 > r
        alone = [least_y] * (d1 > self.width) + [least_x] * (d2 > self.width) + [least_x + least_y]
        smallest = jnp.min(jnp.stack(alone))
        return Curvature(scale * trace, scale * (of_x[-1] + of_y[-1]), scale * smallest)

    @float64
    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[Array, Array]:
        """(A√s, B√s) from the leading singular triplets, padded with columns of zeros."""
        left, values, right = jnp.linalg.svd(jnp.asarray(matrix), full_matrices=False)
        k = min(self.rank, values.size)
        root = jnp.sqrt(values[:k])
        return filled(left[:, :k] * root, self.shapes[0]), filled(right[:k].T * root, self.shapes[1])

    def layers(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(Xᵀ, Y), whose product YXᵀ is Wᵀ."""
        x, y = theta
        return x.T, y
