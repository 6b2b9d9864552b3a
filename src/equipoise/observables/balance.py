"""How the norm is divided between the two factors."""

import functools

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import RealNumber, Theta


def two_arrays(theta: Theta, observable: str) -> tuple[Array, Array]:
    """(X, Y); raises `InputError` with the name of the observable unless there are two."""
    if len(theta) != 2:
        raise InputError(f"The observable {observable} needs two factors, but the problem has {len(theta)} arrays.")
    return jnp.asarray(theta[0]), jnp.asarray(theta[1])


def two_factors(problem: AbstractProblem, theta: Theta, observable: str) -> tuple[Array, Array]:
    """(X, Y) of XYᵀ; raises `InputError` with the name of the observable unless there are two factors."""
    if isinstance(problem, AbstractFactorization) and problem.is_entrywise:
        raise InputError(
            f"The observable {observable} needs two factors, but here each entry of the matrix has parameters of its "
            "own; use a factorization XYᵀ."
        )
    return two_arrays(theta, observable)


def _balance(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    del problem
    x, y = two_arrays(theta, "balance")
    norm_x, norm_y = jnp.sqrt(jnp.sum(x**2)), jnp.sqrt(jnp.sum(y**2))
    return {"balance": norm_x / norm_y, "norm_x": norm_x, "norm_y": norm_y}


balance = Observable(
    "balance",
    _balance,
    (
        Variable("balance", "balance", "‖X‖/‖Y‖"),
        Variable("norm_x", "norm of X", "‖X‖", "√[M]"),
        Variable("norm_y", "norm of Y", "‖Y‖", "√[M]"),
    ),
)


@functools.cache
def matrix_gap(gamma: RealNumber = 1.0) -> Observable:
    """‖XᵀX − γ²YᵀY‖_F in the unit [M]: conserved by gradient flow at γ = 1, and 0 if every direction has balance γ.

    - `gamma`: γ; 1 by default.

    Raises `InputError`, when it is recorded, for a problem without two factors.
    Source: Liu et al. (2021), Theorem 2; Du et al. (2018), Theorem 2.2.
    """

    def gap(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        x, y = two_factors(problem, theta, "matrix_gap")
        return {"matrix_gap": jnp.sqrt(jnp.sum((x.T @ x - gamma**2 * y.T @ y) ** 2))}

    formula = f"‖XᵀX − {gamma:g}²YᵀY‖" if gamma != 1 else "‖XᵀX − YᵀY‖"
    return Observable("matrix_gap", gap, (Variable("matrix_gap", "matrix gap", formula, "[M]"),))
