"""The Hessian by its products, and its extreme eigenvalues by Lanczos."""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float
from matfree import decomp

from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta


def hessian_product(problem: AbstractProblem, theta: Theta) -> Callable[[Float[Array, " n"]], Float[Array, " n"]]:
    """v -> ∇²loss(θ) v on flattened parameters: forward-mode derivative of the closed-form gradient."""
    flat, unravel = ravel_pytree(tuple(jnp.asarray(w) for w in theta))

    def flat_gradient(point: Float[Array, " n"]) -> Float[Array, " n"]:
        return ravel_pytree(problem.gradient(unravel(point)))[0]

    return lambda v: jax.jvp(flat_gradient, (flat,), (v,))[1]


@float64
def dense_hessian(problem: AbstractProblem, theta: Theta) -> Float[Array, "n n"]:
    """∇²loss(θ) as an n x n matrix, for small n: the yardstick of the tests."""
    size = sum(w.size for w in theta)
    product = hessian_product(problem, theta)
    return jax.vmap(product, out_axes=1)(jnp.eye(size, dtype=problem.dtype))


def ritz_values(
    problem: AbstractProblem, theta: Theta, products: int, *, in_range: bool = False
) -> Float[Array, " products"]:
    """The eigenvalues of Lanczos' tridiagonal matrix after `products` products, ascending (matfree).

    Started from a fixed random direction, or, with `in_range`, from its image under the Hessian, so that the null
    space never enters.
    """
    size = sum(w.size for w in theta)
    product = hessian_product(problem, theta)
    start = jax.random.normal(jax.random.key(0, impl="threefry2x32"), (size,), problem.dtype)
    start = product(start) if in_range else start
    norm = jnp.linalg.norm(start)
    start = jnp.where(norm > 0, start / jnp.where(norm > 0, norm, 1), jnp.full_like(start, 1 / math.sqrt(size)))
    decompose = decomp.tridiag_sym(min(products, size), materialize=False, reortho="full", custom_vjp=False)
    diagonal, beside = decompose(product, start).J_small
    values = jnp.linalg.eigvalsh(_cut_at_breakdown(diagonal, beside, diagonal[0]))
    return jnp.linalg.eigvalsh(_cut_at_breakdown(diagonal, beside, values[-1])) if in_range else values


def _cut_at_breakdown(
    diagonal: Float[Array, " k"], beside: Float[Array, " k-1"], filler: Float[Array, ""]
) -> Float[Array, "k k"]:
    """The tridiagonal matrix up to where the Krylov space is exhausted; what follows would be rounding, or NaN.

    The place of the rest is filled with eigenvalues `filler`. With the first diagonal entry, a Rayleigh quotient, the
    extreme eigenvalues are right; filled with one of these, all are.
    """
    scale = jnp.max(jnp.abs(jnp.nan_to_num(diagonal))) + jnp.max(jnp.abs(jnp.nan_to_num(beside)), initial=0.0)
    # the rounding in an entry is that of ε·scale, divided by the shortest vector normalized before it
    shortest = jax.lax.cummin(jnp.minimum(jnp.nan_to_num(jnp.abs(beside)), scale))
    before = jnp.concatenate([scale[None], shortest[:-1]])
    tolerance = 1e2 * jnp.finfo(diagonal.dtype).eps * scale * scale / jnp.where(before > 0, before, 1.0)
    alive = jnp.cumprod((jnp.abs(beside) > tolerance).astype(diagonal.dtype))  # NaN > x is False
    beside = jnp.where(alive > 0, beside, 0.0)
    kept = jnp.concatenate([jnp.ones(1, diagonal.dtype), alive])
    diagonal = jnp.where(kept > 0, diagonal, filler)
    return jnp.diag(diagonal) + jnp.diag(beside, 1) + jnp.diag(beside, -1)
