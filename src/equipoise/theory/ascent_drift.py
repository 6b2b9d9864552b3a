"""How sharpness-aware steps move the balance, exactly in the radius."""

from typing import NamedTuple

import jax.numpy as jnp

from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import RealNumber, Theta


class AscentDrift(NamedTuple):
    """d/dt (‖X‖² − ‖Y‖²) under sharpness-aware flow, in the unit [M] of the difference over that of the step size.

    - `exact`: for the radius given.
    - `first_order`: its part linear in the radius.
    """

    exact: float
    first_order: float


@float64
def sharpness_aware_drift(problem: AbstractProblem, theta: Theta, radius: RealNumber) -> AscentDrift:
    """d/dt (‖X‖² − ‖Y‖²) under dθ/dt = −∇f(θ + ρ g/‖g‖), g = ∇f(θ), for any loss of the product XYᵀ.

    Such a loss has ⟨X, ∇_X f⟩ = ⟨Y, ∇_Y f⟩ at every point, and so at the point uphill, θ̃ = (X + ρu, Y + ρv). What is
    left is the drift 2ρ(⟨u, ∇_X f(θ̃)⟩ − ⟨v, ∇_Y f(θ̃)⟩), with (u, v) = g/‖g‖. To first order in ρ it is
    2ρ(‖g_X‖² − ‖g_Y‖²)/‖g‖, which may have the other sign where ρ is not small. A step of `SharpnessAware(
    GradientDescent(η), ρ)` adds η²(‖∇_X f(θ̃)‖² − ‖∇_Y f(θ̃)‖²) to η times the drift.

    - `problem`: a problem of two arrays whose loss depends on their product: a factorization XYᵀ, or two layers.
    - `theta`: (X, Y).
    - `radius`: ρ, in the unit of θ.

    Both are 0 at a stationary point. Raises `InputError` for a radius that is not greater than 0 and for a problem
    without two arrays. Source: B. Li, L. Zhang and N. He (2024) for the first order; the exact form is ours.
    """
    rho = positive_number("radius", radius)
    if len(problem.shapes) != 2:
        raise InputError(
            f"The balance is that of two arrays, but the problem has {len(problem.shapes)}; give one of two."
        )
    here = tuple(jnp.asarray(w, problem.dtype) for w in theta)
    gradient = problem.gradient(here)
    square_x, square_y = (float(jnp.sum(g**2)) for g in gradient)
    norm = (square_x + square_y) ** 0.5
    if norm == 0:
        return AscentDrift(0.0, 0.0)
    ahead = problem.gradient(tuple(w + rho / norm * g for w, g in zip(here, gradient, strict=True)))
    on_x, on_y = (float(jnp.sum(g * a)) for g, a in zip(gradient, ahead, strict=True))
    return AscentDrift(2 * rho / norm * (on_x - on_y), 2 * rho / norm * (square_x - square_y))
