"""W as a product of several matrices."""

import functools

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import Curvature
from equipoise.core.types import AnyArray, Shapes, Theta
from equipoise.problems.matrices import AbstractMatrix, LowRank
from equipoise.problems.parametrizations.interface import AbstractParametrization
from equipoise.problems.parametrizations.shaping import filled


class DeepLinear(AbstractParametrization):
    """W = W_N … W_2 W_1, θ = (W_1, …, W_N), N ≥ 2: a linear network; W_i is `widths`[i] x `widths`[i − 1].

    So W is widths[N] x widths[0], d1 x d2. Raises `InputError` for fewer than two factors or a width below 1.
    Source: Du et al. (2018), Section 2; S. Arora et al., Implicit regularization in deep matrix factorization (2019).
    """

    widths: tuple[int, ...] = eqx.field(static=True)

    def __check_init__(self) -> None:
        if len(self.widths) < 3 or min(self.widths) < 1:
            raise InputError(
                f"widths is {self.widths}; give at least three numbers, each 1 or greater: d2, the inner widths, d1."
            )

    @property
    def shapes(self) -> Shapes:
        """((widths[1], widths[0]), …)."""
        return tuple(zip(self.widths[1:], self.widths[:-1], strict=True))

    @property
    def rank(self) -> int:
        """The smallest width."""
        return min(self.widths)

    @property
    def degree(self) -> int:
        """The number of factors."""
        return len(self.widths) - 1

    def product(self, theta: Theta) -> LowRank:
        """W_N … W_1 as two factors, cut at the smallest inner width."""
        return LowRank(*self.factors(theta))

    def factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(W_N … W_{i+1}, (W_i … W_1)ᵀ), cut at the smallest inner width."""
        cut = 1 + int(np.argmin(self.widths[1:-1]))
        return _chain(theta[cut:]), _chain(theta[:cut]).T

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, ...]:
        """(W_N … W_{i+1})ᵀ G (W_{i−1} … W_1)ᵀ for each i."""
        depth = len(theta)
        after = [gradient.matmul(_chain(theta[:-1]).T)]
        for i in range(depth - 1):
            seen = gradient.rmatmul(_chain(theta[i + 1 :])).T  # (W_N … W_{i+2})ᵀ G
            after.append(seen @ _chain(theta[:i]).T if i else seen)
        return (*after[1:], after[0])

    def curvature(self, theta: Theta, scale: float) -> Curvature | None:
        """None: no closed form is known."""
        return None

    @float64
    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[Array, ...]:
        """From W ≈ A diag(s) Bᵀ: W_N = A S, W_i = S, W_1 = S Bᵀ with S = diag(s)^{1/N}, padded with zeros."""
        left, values, right = jnp.linalg.svd(jnp.asarray(matrix), full_matrices=False)
        k = min(self.rank, values.size)
        root = jnp.diag(values[:k] ** (1 / (len(self.widths) - 1)))
        inner = [root] * (len(self.widths) - 3)
        factors = [root @ right[:k], *inner, left[:, :k] @ root]
        return tuple(filled(w, shape) for w, shape in zip(factors, self.shapes, strict=True))

    def layers(self, theta: Theta) -> tuple[AnyArray, ...]:
        """θ itself."""
        return theta


def _chain(theta: Theta) -> Array:
    """The product W_j … W_i of θ = (W_i, …, W_j)."""
    return functools.reduce(lambda product, w: jnp.asarray(w) @ product, theta[1:], jnp.asarray(theta[0]))
