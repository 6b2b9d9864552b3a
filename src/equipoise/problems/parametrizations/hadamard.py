"""W as a product of several matrices, entry by entry."""

import functools
import operator

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


class Hadamard(AbstractParametrization):
    """W = W_1 ∘ … ∘ W_N, entry by entry, θ = (W_1, …, W_N): a diagonal linear network, with u ∘ v at N = 2.

    - `shape`: (d1, d2) of W and of each W_i; (d, 1) for a vector of d numbers.
    - `depth`: N ≥ 2; 2 by default.

    Gradient flow keeps W_i² − W_j², entry by entry. Raises `InputError` for a depth below 2.
    Source: P. Zhao, Y. Yang and Q.-C. He, Implicit regularization via Hadamard product over-parametrization in
    high-dimensional linear regression (2019).
    """

    shape: tuple[int, int] = eqx.field(static=True)
    depth: int = eqx.field(static=True, default=2)

    def __check_init__(self) -> None:
        whole_number("The depth of a product", self.depth, 2)

    @property
    def shapes(self) -> Shapes:
        """(d1, d2), N times."""
        return (self.shape,) * self.depth

    @property
    def rank(self) -> int:
        """min(d1, d2)."""
        return min(self.shape)

    @property
    def is_entrywise(self) -> bool:
        """Each entry is a product of N parameters."""
        return True

    @property
    def degree(self) -> int:
        """N."""
        return self.depth

    def product(self, theta: Theta) -> Dense:
        """W_1 ∘ … ∘ W_N."""
        return Dense(_entrywise(theta))

    def factors(self, theta: Theta) -> tuple[AnyArray, AnyArray]:
        """(W, I), or (I, Wᵀ) where W has more columns than rows."""
        return as_factors(_entrywise(theta))

    def pull_back(self, theta: Theta, gradient: AbstractMatrix) -> tuple[Array, ...]:
        """G times the product of the others, for each i."""
        dense = gradient.dense()
        return tuple(dense * others for others in _others(theta))

    def curvature(self, theta: Theta, scale: float) -> Curvature:
        """From the Gauss-Newton part scale · JᵀJ, whose non-zero eigenvalues are scale · Σ_i Π_{j≠i} W_j², by entry.

        W is linear in each parameter, so that the rest of the Hessian has a zero diagonal and the trace is exact.
        """
        squares = sum((others**2 for others in _others(theta)), start=jnp.zeros(self.shape, theta[0].dtype))
        largest = jnp.max(squares)
        least = jnp.min(jnp.where(squares > 0, squares, largest))  # 0 if all of them are
        return Curvature(scale * jnp.sum(squares), scale * largest, scale * least)

    @float64
    def point(self, matrix: Float[AnyArray, "d1 d2"]) -> tuple[Array, ...]:
        """|W|^{1/N} each, with the sign of W in W_1."""
        root = jnp.abs(jnp.asarray(matrix)) ** (1 / self.depth)
        return (jnp.sign(jnp.asarray(matrix)) * root, *(root,) * (self.depth - 1))


def _entrywise(theta: Theta) -> Array:
    return functools.reduce(operator.mul, theta[1:], jnp.asarray(theta[0]))


def _others(theta: Theta) -> list[Array]:
    """For each i the product of all W_j but W_i."""
    before, after = [jnp.ones_like(theta[0])], [jnp.ones_like(theta[0])]
    for w in theta[:-1]:
        before.append(before[-1] * w)
    for w in theta[:0:-1]:
        after.append(after[-1] * w)
    return [left * right for left, right in zip(before, reversed(after), strict=True)]
