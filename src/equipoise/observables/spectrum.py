"""The singular values of the product from its thin factors, without decomposing a d1 x d2 matrix."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta
from equipoise.observables.loss import as_factorization


def product_singular_values(problem: AbstractProblem, theta: Theta, observable: str) -> Float[Array, " k"]:
    """The singular values of LRᵀ, descending: those of the k x k matrix R₁R₂ᵀ from QR decompositions of L and R.

    The eigenvalues of (LᵀL)(RᵀR) are their squares, but rounding would lose every value below √ε of the largest.
    """
    left, right = as_factorization(problem, observable).product_factors(theta)
    if left.shape[1] == 1:
        return jnp.linalg.norm(left, axis=0) * jnp.linalg.norm(right, axis=0)
    core = jnp.linalg.qr(left, mode="r") @ jnp.linalg.qr(right, mode="r").T
    return jnp.linalg.svd(core, compute_uv=False)


def _singular_values(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    return {"singular_values": product_singular_values(problem, theta, "singular_values")}


def _nuclear_norm(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    return {"nuclear_norm": jnp.sum(product_singular_values(problem, theta, "nuclear_norm"))}


def _effective_rank(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    values = product_singular_values(problem, theta, "effective_rank")
    total = jnp.sum(values)
    share = values / jnp.where(total > 0, total, 1.0)
    entropy = -jnp.sum(jnp.where(share > 0, share * jnp.log(jnp.where(share > 0, share, 1.0)), 0.0))
    return {"effective_rank": jnp.where(total > 0, jnp.exp(entropy), 0.0)}


singular_values = Observable(
    "singular_values",
    _singular_values,
    (Variable("singular_values", "singular values of the product", "σᵢ(XYᵀ)", "[M]", ("singular_value",)),),
)
nuclear_norm = Observable(
    "nuclear_norm", _nuclear_norm, (Variable("nuclear_norm", "nuclear norm", "‖XYᵀ‖_* = Σσᵢ", "[M]"),)
)
# O. Roy and M. Vetterli, The effective rank: a measure of effective dimensionality, EUSIPCO 2007
effective_rank = Observable(
    "effective_rank",
    _effective_rank,
    (Variable("effective_rank", "effective rank", "exp(−Σ pᵢ log pᵢ), pᵢ = σᵢ/Σσ"),),
)
