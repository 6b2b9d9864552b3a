"""A factorization with quadratic penalties on its factors, which is what noise turns it into on average."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.altered import AbstractAltered
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractFactorization, Signal
from equipoise.core.types import AnyArray, Scalar, Theta


class Penalized(AbstractAltered, AbstractFactorization):
    """A factorization with penalties: loss(X, Y) + ½ tr(X P₁ Xᵀ) + ½ tr(Y P₂ Yᵀ) + constant.

    - `problem`: the factorization without penalties.
    - `penalties`: (P₁, P₂), symmetric r x r matrices.
    - `constant`: a number added to the loss.
    """

    problem: AbstractFactorization
    penalties: tuple[Float[AnyArray, "rank rank"], ...]
    constant: Scalar

    @property
    def is_direct(self) -> bool:
        """Whether θ of the problem is its unknown matrix itself."""
        return self.problem.is_direct

    @property
    def is_entrywise(self) -> bool:
        """Whether the matrix of the problem itself has no factors."""
        return self.problem.is_entrywise

    @property
    def degree(self) -> int | None:
        """That of the matrix of the problem itself."""
        return self.problem.degree

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The objective with its penalties."""
        pairs = zip(theta, self.penalties, strict=True)
        return self.problem.loss(theta) + self.constant + sum(0.5 * jnp.sum((w @ p) * w) for w, p in pairs)

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """∇loss + (X P₁, Y P₂)."""
        plain = self.problem.gradient(theta)
        return tuple(g + w @ p for g, w, p in zip(plain, theta, self.penalties, strict=True))

    def balanced(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[AnyArray, ...]:
        """That of the problem itself."""
        return self.problem.balanced(matrix)

    def product_factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """Those of the problem itself."""
        return self.problem.product_factors(theta)

    def residual(self, theta: Theta) -> None:
        """None: the loss also has the penalties."""

    def relative_error(self, theta: Theta) -> Scalar:
        """That of the problem itself, without the penalties."""
        return self.problem.relative_error(theta)

    def known_signal(self) -> Signal | None:
        """That of the problem itself, without the penalties."""
        return self.problem.known_signal()

    def with_signal(self) -> "Penalized":
        """The same penalties on the problem with its optimum attached."""
        return Penalized(self.problem.with_signal(), self.penalties, self.constant)
