"""How sharp the landscape is: the largest eigenvalue, the trace and the condition number of the Hessian."""

import functools

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Scalar, Theta
from equipoise.observables.hessian import ritz_values, summed_diagonal


@functools.cache
def sharpness(products: int = 24) -> Observable:
    """λmax of the Hessian by Lanczos (matfree), in the unit [M].

    - `products`: the number of Hessian products; 24 by default.

    It is exact if `products` is at least the number of distinct eigenvalues, which is at most r² + 2r + 1 at a minimum
    of a rank-r factorization. With fewer products it is a lower bound, correct to many digits for a separated λmax.
    """

    def measure(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        return {"sharpness": ritz_values(problem, theta, products)[-1]}

    return Observable("sharpness", measure, (Variable("sharpness", "sharpness", "λmax(∇²loss)", "[M]"),))


@functools.cache
def hessian_trace() -> Observable:
    """The trace of the Hessian in closed form or, without one, as the exact sum over the coordinates; unit [M]."""

    def measure(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        known = problem.curvature(theta)
        if known is not None:
            return {"hessian_trace": jnp.asarray(known.trace)}
        return {"hessian_trace": summed_diagonal(problem, theta)}

    return Observable(
        "hessian_trace", measure, (Variable("hessian_trace", "trace of the Hessian", "tr ∇²loss", "[M]"),)
    )


@functools.cache
def condition_number(products: int = 64) -> Observable:
    """λmax/λmin over the non-zero eigenvalues of the Gauss-Newton part of the Hessian, in closed form if there is one.

    - `products`: the number of Hessian products of Lanczos, used without a closed form; 64 by default.

    At a minimum with zero residual this is the condition number of the Hessian itself, without the zero eigenvalues
    that come from invariance under scaling and rotation. Without a closed form it is the ratio of the extreme absolute
    eigenvalues of Lanczos in the range of the Hessian. It is infinite where the factors lose rank.
    Source: Liu et al. (2021), Lemma 2.
    """

    def measure(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        known = problem.curvature(theta)
        if known is not None:
            return {"condition_number": _ratio(known.largest, known.smallest)}
        sizes = jnp.abs(ritz_values(problem, theta, products, in_range=True))
        return {"condition_number": _ratio(jnp.max(sizes), jnp.min(sizes))}

    variable = Variable("condition_number", "condition number of the Hessian", "λmax/λmin over λ ≠ 0")
    return Observable("condition_number", measure, (variable,))


def _ratio(largest: Scalar, smallest: Scalar) -> Array:
    """largest/smallest, and infinity for 0/0 too."""
    nonzero = jnp.asarray(smallest) > 0
    return jnp.where(nonzero, largest / jnp.where(nonzero, smallest, 1), jnp.inf)
