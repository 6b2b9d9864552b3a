"""Products with the Hessian, and its extreme eigenvalues by Lanczos."""

import math
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float
from matfree import decomp

from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta

KEPT_NUMBERS = 2**23
"""How many numbers the vectors of Lanczos may hold to be kept, 64 MiB in float64."""


def hessian_product(problem: AbstractProblem, theta: Theta) -> Callable[[Float[Array, " n"]], Float[Array, " n"]]:
    """The function v -> ∇²loss(θ) v on flattened parameters, the forward-mode derivative of the problem's gradient."""
    flat, unravel = ravel_pytree(tuple(jnp.asarray(w) for w in theta))

    def flat_gradient(point: Float[Array, " n"]) -> Float[Array, " n"]:
        return ravel_pytree(problem.gradient(unravel(point)))[0]

    return jax.linearize(flat_gradient, flat)[1]


@float64
@eqx.filter_jit
def dense_hessian(problem: AbstractProblem, theta: Theta) -> Float[Array, "n n"]:
    """∇²loss(θ) as an n x n matrix on flattened parameters, for small n; the tests compare with it."""
    size = sum(w.size for w in theta)
    product = hessian_product(problem, theta)
    return jax.vmap(product, out_axes=1)(jnp.eye(size, dtype=problem.dtype))


@eqx.filter_jit
def summed_diagonal(problem: AbstractProblem, theta: Theta) -> Array:
    """The trace of ∇²loss(θ), as the sum of eᵀ∇²loss(θ)e over the coordinates."""
    product = hessian_product(problem, theta)
    basis = jnp.eye(sum(w.size for w in theta), dtype=problem.dtype)
    return jnp.sum(jax.lax.map(lambda e: e @ product(e), basis, batch_size=64))


@eqx.filter_jit
def ritz_values(
    problem: AbstractProblem, theta: Theta, products: int, *, in_range: bool = False
) -> Float[Array, " products"]:
    """The eigenvalues of Lanczos' tridiagonal matrix after `products` products with the Hessian, ascending (matfree).

    Lanczos starts from a fixed random direction or, with `in_range`, from the image of that direction under the
    Hessian, which has no component in the null space. Without `in_range` its vectors are kept and made orthogonal only
    up to `KEPT_NUMBERS` numbers. Beyond, eigenvalues that have converged may appear again, and the largest is right all
    the same (C. Paige, Accuracy and effectiveness of the Lanczos algorithm, 1980).
    """
    size = sum(w.size for w in theta)
    product = hessian_product(problem, theta)
    start = jax.random.normal(jax.random.key(0, impl="threefry2x32"), (size,), problem.dtype)
    start = product(start) if in_range else start
    norm = jnp.linalg.norm(start)
    start = jnp.where(norm > 0, start / jnp.where(norm > 0, norm, 1), jnp.full_like(start, 1 / math.sqrt(size)))
    products = min(products, size)
    kept = "full" if in_range or products * size <= KEPT_NUMBERS else "none"
    decompose = decomp.tridiag_sym(products, materialize=False, reortho=kept, custom_vjp=False)
    diagonal, beside = decompose(product, start).J_small
    values = jnp.linalg.eigvalsh(_cut_at_breakdown(diagonal, beside, diagonal[0]))
    return jnp.linalg.eigvalsh(_cut_at_breakdown(diagonal, beside, values[-1])) if in_range else values


def _cut_at_breakdown(
    diagonal: Float[Array, " k"], beside: Float[Array, " k-1"], filler: Float[Array, ""]
) -> Float[Array, "k k"]:
    """The tridiagonal matrix up to where the Krylov space is exhausted; later entries are rounding errors or NaN.

    The rest of the matrix is replaced by eigenvalues `filler`. If `filler` is the first diagonal entry, a Rayleigh
    quotient, the extreme eigenvalues are right; if it is one of these, all eigenvalues are right.
    """
    scale = jnp.max(jnp.abs(jnp.nan_to_num(diagonal))) + jnp.max(jnp.abs(jnp.nan_to_num(beside)), initial=0.0)
    # the rounding error of an entry is ε·scale, divided by the shortest vector normalized before it
    shortest = jax.lax.cummin(jnp.minimum(jnp.nan_to_num(jnp.abs(beside)), scale))
    before = jnp.concatenate([scale[None], shortest[:-1]])
    tolerance = 1e2 * jnp.finfo(diagonal.dtype).eps * scale * scale / jnp.where(before > 0, before, 1.0)
    alive = jnp.cumprod((jnp.abs(beside) > tolerance).astype(diagonal.dtype))  # NaN > x is False
    beside = jnp.where(alive > 0, beside, 0.0)
    kept = jnp.concatenate([jnp.ones(1, diagonal.dtype), alive])
    diagonal = jnp.where(kept > 0, diagonal, filler)
    return jnp.diag(diagonal) + jnp.diag(beside, 1) + jnp.diag(beside, -1)
