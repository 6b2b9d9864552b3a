"""What methods that move a symmetric matrix X itself, not factors of it, have in common."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta


def symmetric_gradient(problem: AbstractProblem, theta: Theta, method: str) -> Float[Array, "n n"]:
    """(G + Gᵀ)/2 with G the gradient at X; `InputError`, naming the method, unless θ is one square matrix."""
    shapes = problem.shapes
    if len(shapes) != 1 or len(shapes[0]) != 2 or shapes[0][0] != shapes[0][1]:
        raise InputError(
            f"{method} moves one square matrix, but the problem has arrays of shapes {shapes}; "
            "use parametrization='direct'."
        )
    gradient = problem.gradient(theta)[0]
    return (gradient + gradient.T) / 2


def spectral(function, symmetric: Float[Array, "n n"]) -> Float[Array, "n n"]:  # type: ignore[no-untyped-def]
    """f(S) = V f(Λ) Vᵀ for S = VΛVᵀ."""
    values, vectors = jnp.linalg.eigh(symmetric)
    return (vectors * function(values)) @ vectors.T
