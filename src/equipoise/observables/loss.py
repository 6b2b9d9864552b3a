"""The quality of the fit."""

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import Theta


def as_factorization(problem: AbstractProblem, observable: str) -> AbstractFactorization:
    """`problem`, which must be a factorization; otherwise raises `InputError` with the name of the observable."""
    if not isinstance(problem, AbstractFactorization):
        raise InputError(f"The observable {observable} needs a factorization, not {type(problem).__name__}.")
    return problem


def _loss(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    return {"loss": jnp.asarray(problem.loss(theta))}


def _relative_error(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    return {"relative_error": jnp.asarray(as_factorization(problem, "relative_error").relative_error(theta))}


loss = Observable("loss", _loss, (Variable("loss", "objective", "loss(θ)", "[M]²"),))
relative_error = Observable(
    "relative_error", _relative_error, (Variable("relative_error", "relative error", "‖XYᵀ − M‖/‖M‖"),)
)
