"""The position of θ relative to the known optimum."""

import functools

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractProblem, signal_of
from equipoise.core.procrustes import nearest_rotation
from equipoise.core.thin import squared_norm_of_product
from equipoise.core.types import RealNumber, Theta
from equipoise.observables.balance import two_factors
from equipoise.observables.loss import as_factorization


@functools.cache
def distance(gamma: RealNumber = 1.0) -> Observable:
    """The Procrustes distance to the γ-balanced optimum: min over orthogonal R of ‖(X, Y) − (U*, V*)R‖_F; unit √[M].

    - `gamma`: γ, the balance of the optimum; 1 by default.

    The minimizer R is the orthogonal polar factor of U*ᵀX + V*ᵀY, so the square of the distance is
    ‖X‖² + ‖Y‖² + ‖U*‖² + ‖V*‖² − 2‖U*ᵀX + V*ᵀY‖_*. It is computed from R itself, so that no digits cancel. An optimum
    of lower rank than the width of the factors is padded with zeros. Raises `InputError` without a known optimum, and
    if its rank exceeds the width of the factors.
    Source: Liu et al. (2021), Section 4.
    """

    def measure(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        x, y = two_factors(problem, theta, "distance")
        u, v = (jnp.asarray(side) for side in signal_of(problem).factors(gamma))
        missing = x.shape[1] - u.shape[1]
        if missing < 0:
            raise InputError(
                f"The known optimum has rank {u.shape[1]}, but the factors have only width {x.shape[1]}; "
                "attach another optimum."
            )
        u, v = (jnp.pad(side, ((0, 0), (0, missing))) for side in (u, v))
        rotation = nearest_rotation((u, v), (x, y))
        return {"distance": jnp.sqrt(jnp.sum((x - u @ rotation) ** 2) + jnp.sum((y - v @ rotation) ** 2))}

    which = "" if gamma == 1 else f", balance {gamma:g}"
    meaning = f"distance to the optimum{which}"
    formula = "min ‖θ − θ*R‖"
    return Observable("distance", measure, (Variable("distance", meaning, formula, "√[M]"),), needs_signal=True)


def _reconstruction_error(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    left, right = as_factorization(problem, "reconstruction_error").product_factors(theta)
    signal = signal_of(problem)
    values = jnp.asarray(signal.values)
    # W − W* as one product of stacked factors, so that no digits cancel
    stacked = jnp.concatenate([jnp.asarray(left), -signal.left * values], axis=1)
    beside = jnp.concatenate([jnp.asarray(right), jnp.asarray(signal.right)], axis=1)
    return {"reconstruction_error": jnp.sqrt(squared_norm_of_product(stacked, beside) / jnp.sum(values**2))}


reconstruction_error = Observable(
    "reconstruction_error",
    _reconstruction_error,
    (Variable("reconstruction_error", "relative reconstruction error", "‖W − W*‖/‖W*‖"),),
    needs_signal=True,
)


def _projections(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    x, y = two_factors(problem, theta, "projections")
    signal = signal_of(problem)
    left, right = jnp.asarray(signal.left), jnp.asarray(signal.right)
    p, q = left.T @ x, right.T @ y
    return {
        "on_signal_x": jnp.sqrt(jnp.sum(p**2)),
        "on_signal_y": jnp.sqrt(jnp.sum(q**2)),
        "off_signal_x": jnp.sqrt(jnp.sum((x - left @ p) ** 2)),
        "off_signal_y": jnp.sqrt(jnp.sum((y - right @ q) ** 2)),
        "alignment": jnp.sum(p * jnp.asarray(signal.values)[:, None] * q),
    }


projections = Observable(
    "projections",
    _projections,
    (
        Variable("on_signal_x", "part of X on the signal", "‖AᵀX‖", "√[M]"),
        Variable("on_signal_y", "part of Y on the signal", "‖BᵀY‖", "√[M]"),
        Variable("off_signal_x", "part of X off the signal", "‖X − AAᵀX‖", "√[M]"),
        Variable("off_signal_y", "part of Y off the signal", "‖Y − BBᵀY‖", "√[M]"),
        Variable("alignment", "alignment with M", "tr(XᵀMY)", "[M]²"),
    ),
    needs_signal=True,
)
