"""The two factors of a product, and the rotations of their columns, which no loss of the product sees."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import AnyArray, Theta


def two_sided_refusal(problem: AbstractProblem) -> str:
    """Why θ is not two factors, or one used twice; empty for XYᵀ, UUᵀ and a linear network of two layers."""
    if not isinstance(problem, AbstractFactorization):
        return f"{type(problem).__name__} is not a product of factors"
    if problem.is_direct:
        return "the unknown matrix is not written in factors"
    if problem.is_entrywise:
        return "each entry of the matrix has parameters of its own"
    if len(problem.shapes) > 2:
        return f"the problem has {len(problem.shapes)} factors"
    return ""


def factors_of(problem: AbstractFactorization, theta: Theta) -> tuple[Array, Array]:
    """(L, R) with LRᵀ = W, linear in θ: (X, Y), or (U, U), or (W₂, W₁ᵀ)."""
    left, right = problem.product_factors(tuple(jnp.asarray(w) for w in theta))
    return jnp.asarray(left), jnp.asarray(right)


def from_factors(
    problem: AbstractFactorization,
    theta: Theta,
    left: Float[AnyArray, "d1 k"],
    right: Float[AnyArray, "d2 k"],
) -> tuple[Array, ...]:
    """The θ whose factors are L and R, the inverse of `factors_of`; for UUᵀ their mean.

    `theta` gives the shapes alone. The map from θ to its factors is linear and keeps lengths, or doubles their squares
    for UUᵀ, so that its transpose inverts it.
    """
    _, pull_back = jax.vjp(lambda at: factors_of(problem, at), tuple(jnp.asarray(w) for w in theta))
    (found,) = pull_back((left, right))
    return tuple(found) if len(found) == 2 else tuple(w / 2 for w in found)
