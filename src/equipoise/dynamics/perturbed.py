"""Perturbed gradient descent."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.held import held
from equipoise.core.noise import AbstractNoise
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta
from equipoise.dynamics.gradient_descent import descend


class PerturbedGD(AbstractDynamics):
    """θ ← θ − η ∇loss(θ + ξ), with the noise ξ drawn anew at each step.

    - `step_size`: η as in `GradientDescent`.
    - `noise`: the law of ξ, from `equipoise.noise`.

    On a factorization it descends, on average, ½‖XYᵀ−M‖² + (b/2)‖X‖² + (a/2)‖Y‖² with a = E‖ξ₁‖²/r, b = E‖ξ₂‖²/r.
    Raises `InputError` for a step size that is not greater than 0. Source: Liu et al. (2021), Algorithm 1.
    """

    step_size: PerFactor
    noise: AbstractNoise

    def __init__(self, step_size: PerFactorLike, noise: AbstractNoise) -> None:
        self.step_size = per_factor("step_size", step_size, positive=True)
        self.noise = noise

    def clock(self) -> Clock:
        """The step size, if all factors share it."""
        return self.step_size.shared

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """One step; the gradients of both factors are taken at the same perturbed point."""
        drawn = held(self.perturbation(problem, key, step), step)
        perturbed = tuple(w + z for w, z in zip(theta, drawn, strict=True))
        return descend(problem, theta, perturbed, self.step_size, step), None

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta:
        """ξ of step number `step`."""
        return self.noise.sample(key, step, problem.shapes, problem.dtype)
