"""Scaled gradient descent, preconditioned by the Gram matrices of the factors."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from equipoise.core.checks import as_array, non_negative_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.factors import factors_of, from_factors, two_sided_refusal
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import AnyArray, Key, Number, StepIndex, Theta


class ScaledGD(AbstractDynamics):
    """X ← X − η ∇_X (YᵀY + λI)⁻¹, Y ← Y − η ∇_Y (XᵀX + λI)⁻¹, with the gradients of the loss at (X, Y).

    - `step_size`: η as in `GradientDescent`, but without a unit: for ½‖XYᵀ − M‖² take about ½.
    - `damping`: λ, in the unit [M]; 0 by default. Take it greater than 0 for factors wider than the rank of M.

    With λ = 0 the method does not see which of the factors (XA, YA⁻ᵀ) of a product it is given, for any invertible A,
    and the ratio of the singular values does not slow it down. For UUᵀ both Gram matrices are UᵀU. Factors of lower
    rank than their width end as diverged if λ = 0. Raises `InputError` for a step size that is not greater than 0, a
    negative damping, and a problem that is not a product of two factors.
    Source: T. Tong, C. Ma and Y. Chi, Accelerating ill-conditioned low-rank matrix estimation via scaled gradient
    descent (2021); for λ, X. Xu, Y. Shen, Y. Chi and C. Ma (2023).
    """

    step_size: PerFactor
    damping: AnyArray

    def __init__(self, step_size: PerFactorLike, damping: Number = 0.0) -> None:
        self.step_size = per_factor("step_size", step_size, positive=True)
        self.damping = as_array(non_negative_number("damping", damping))

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
        assert isinstance(problem, AbstractFactorization)
        left, right = factors_of(problem, theta)
        # the factors are linear in θ, so those of the gradient are the gradients of the factors
        of_left, of_right = factors_of(problem, problem.gradient(theta))
        scaled = from_factors(problem, theta, self._solved(of_left, right), self._solved(of_right, left))
        sizes = self.step_size.at(step, len(theta), problem.dtype)
        return tuple(w - s * d for w, s, d in zip(theta, sizes, scaled, strict=True)), None

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for XYᵀ, UUᵀ and a linear network of two layers."""
        reason = two_sided_refusal(problem)
        return f"ScaledGD moves two factors, but {reason}; use a factorization XYᵀ or UUᵀ." if reason else ""

    def _solved(self, gradient: Float[Array, "d k"], other: Float[Array, "e k"]) -> Float[Array, "d k"]:
        """∇ (OᵀO + λI)⁻¹ for the other factor O."""
        gram = other.T @ other + jnp.asarray(self.damping, other.dtype) * jnp.eye(other.shape[1], dtype=other.dtype)
        return jnp.linalg.solve(gram, gradient.T).T
