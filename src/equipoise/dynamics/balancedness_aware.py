"""Gradient descent with the pull on the balance that sharpness-aware minimization has, at the cost of one gradient."""

import jax.numpy as jnp

from equipoise.core.checks import as_array, positive_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import AnyArray, Key, Number, StepIndex, Theta


class BalancednessAware(AbstractDynamics):
    """X ← (1 + ηκ)X − η ∇_X, Y ← (1 − ηκ)Y − η ∇_Y with κ = ρ(‖∇_X‖² − ‖∇_Y‖²)/(‖∇‖(‖X‖² + ‖Y‖²)).

    - `step_size`: η as in `GradientDescent`.
    - `radius`: ρ as in `SharpnessAware`, in the unit of θ.

    To first order in η and ρ it moves ‖X‖² − ‖Y‖² as `SharpnessAware(GradientDescent(η), ρ)` does, with one gradient a
    step in place of two. It is a form of balancedness-aware regularization; there κ is a schedule with the sign of
    ‖∇_X‖² − ‖∇_Y‖². Raises `InputError` for numbers that are not greater than 0, and for a problem without two arrays.
    Source: B. Li, L. Zhang and N. He, Implicit regularization of sharpness-aware minimization for scale-invariant
    problems (2024).
    """

    step_size: PerFactor
    radius: AnyArray

    def __init__(self, step_size: PerFactorLike, radius: Number) -> None:
        self.step_size = per_factor("step_size", step_size, positive=True)
        self.radius = as_array(positive_number("radius", radius))

    def clock(self) -> Clock:
        """The step size, if all factors share it."""
        return self.step_size.shared

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """One step; `key` is not used."""
        self.check(problem)
        gradient = problem.gradient(theta)
        squares = [jnp.sum(g**2) for g in gradient]
        scale = jnp.sqrt(squares[0] + squares[1]) * sum(jnp.sum(jnp.asarray(w) ** 2) for w in theta)
        pull = jnp.asarray(self.radius, problem.dtype) * (squares[0] - squares[1]) / jnp.where(scale > 0, scale, 1)
        sizes = self.step_size.at(step, 2, problem.dtype)
        terms = zip(theta, sizes, (pull, -pull), gradient, strict=True)
        return tuple((1 + s * k) * w - s * g for w, s, k, g in terms), None

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a problem with two arrays."""
        if isinstance(problem, AbstractFactorization) and problem.is_entrywise:
            return "BalancednessAware balances two factors, but each entry here has parameters of its own."
        if len(problem.shapes) == 2:
            return ""
        return (
            f"BalancednessAware balances two arrays, but {type(problem).__name__} has {len(problem.shapes)}; "
            "use a factorization XYᵀ."
        )
