"""Gradient descent with an explicit penalty on imbalance."""

import jax
import jax.numpy as jnp

from equipoise.core.checks import as_array, non_negative_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex, Theta


class RegularizedGD(AbstractDynamics):
    """θ ← θ − η ∇(loss + strength · ‖UᵀU − VᵀV‖²_F)(θ), where UVᵀ is the product of the two factors U and V.

    - `step_size`: η as in `GradientDescent`.
    - `strength`: the factor in front of the penalty, in the unit loss/θ⁴; ⅛ by default.

    The gradient of the penalty is (4 strength · U D, −4 strength · V D) with D = UᵀU − VᵀV. The recorded loss is that
    of the problem, without the penalty. Raises `InputError` for a step size that is not greater than 0, a strength that
    is negative or not finite, and a problem that is not a factorization into two factors.
    Source: Du et al. (2018), Eq. (3).
    """

    step_size: PerFactor
    strength: AnyArray

    def __init__(self, step_size: PerFactorLike, strength: RealNumber = 0.125) -> None:
        self.step_size = per_factor("step_size", step_size, positive=True)
        self.strength = as_array(non_negative_number("strength", strength))

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
        # the factors are linear in θ: θ itself for XYᵀ, (W₂, W₁ᵀ) for a linear network of two layers
        (left, right), pull_back = jax.vjp(problem.product_factors, tuple(jnp.asarray(w) for w in theta))
        gap = left.T @ left - right.T @ right
        force = 4 * jnp.asarray(self.strength, problem.dtype)
        (penalty,) = pull_back((force * left @ gap, -force * right @ gap))
        sizes = self.step_size.at(step, 2, problem.dtype)
        terms = zip(theta, sizes, problem.gradient(theta), penalty, strict=True)
        return tuple(w - s * (g + p) for w, s, g, p in terms), None

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a factorization into two factors."""
        if isinstance(problem, AbstractFactorization) and len(problem.shapes) == 2 and not problem.is_entrywise:
            return ""
        return (
            f"RegularizedGD balances two factors, but {type(problem).__name__} has arrays of shapes "
            f"{problem.shapes}; use a factorization XYᵀ."
        )
