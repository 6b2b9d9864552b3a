"""Functions shared by the methods that move a symmetric matrix X itself, not its factors."""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import Theta


class AbstractMatrixMethod(AbstractDynamics):
    """A method whose θ is one square matrix, and not a factor of one."""

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a problem of one square matrix."""
        name, shapes = type(self).__name__, problem.shapes
        if len(shapes) != 1 or len(shapes[0]) != 2 or shapes[0][0] != shapes[0][1]:
            return (
                f"{name} moves one square matrix, but the problem has arrays of shapes {shapes}; "
                "use parametrization='direct'."
            )
        if isinstance(problem, AbstractFactorization) and not problem.is_direct:
            return f"{name} moves the unknown matrix itself, but θ is a factor of it; use parametrization='direct'."
        return ""


def symmetric_gradient(problem: AbstractProblem, theta: Theta) -> Float[Array, "n n"]:
    """(G + Gᵀ)/2 with G the gradient at X."""
    gradient = problem.gradient(theta)[0]
    return (gradient + gradient.T) / 2


def spectral(
    function: Callable[[Float[Array, " n"]], Float[Array, " n"]], symmetric: Float[Array, "n n"]
) -> Float[Array, "n n"]:
    """f(S) = V f(Λ) Vᵀ for S = VΛVᵀ."""
    values, vectors = jnp.linalg.eigh(symmetric)
    return (vectors * function(values)) @ vectors.T
