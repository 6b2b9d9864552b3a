"""What to record during a run, and how often."""

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.observable import Observable
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import Theta
from equipoise.observables import nuclear_norm, sharpness
from equipoise.simulation import Record

_PRODUCTS = 8


def interval(steps: int) -> int:
    """The number of steps between two looks, for 200 looks, or fewer in short runs, but at least 40.

    A look costs as much as 30 to 60 steps.
    """
    return -(-steps // min(200, max(40, steps // 60)))


def record(every: int) -> Record:
    """The recording: loss, balance and norms, nuclear norm, and sharpness by a few Hessian products."""
    return Record(every, ("loss", "balance", _quick_nuclear_norm, sharpness(_PRODUCTS)))


def _nuclear_norm(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    """‖LRᵀ‖_* = ‖(LᵀL)^½ (RᵀR)^½‖_* from Gram matrices, to a relative 1e-8, at a fraction of the cost of QR."""
    if not isinstance(problem, AbstractFactorization):
        raise InputError(f"The nuclear norm needs a factorization, not {type(problem).__name__}; give one.")
    left, right = (_root(jnp.asarray(w)) for w in problem.product_factors(theta))
    return {"nuclear_norm": jnp.sum(jnp.linalg.svd(left @ right.T, compute_uv=False))}


def _root(factor: Array) -> Array:
    """Q with QᵀQ = factorᵀ factor."""
    values, vectors = jnp.linalg.eigh(factor.T @ factor)
    return jnp.sqrt(jnp.maximum(values, 0.0))[:, None] * vectors.T


_quick_nuclear_norm = Observable("nuclear_norm", _nuclear_norm, nuclear_norm.variables)
