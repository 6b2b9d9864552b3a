"""Perturbed gradient descent with gradients on both sides."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.noise import AbstractNoise
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta


class TwoSidedPerturbedGD(AbstractDynamics):
    """θ ← θ − (η/2)(∇loss(θ + ξ) + ∇loss(θ − ξ)), with the noise ξ drawn anew at each step.

    - `step_size`: η as in `GradientDescent`.
    - `noise`: the law of ξ, from `equipoise.noise`.

    On average it descends what `PerturbedGD` does if ξ and −ξ have the same law. What is linear in ξ cancels, so the
    step scatters with ‖ξ‖² instead of ‖ξ‖, at the cost of two gradients. Raises `InputError` for a step size that is
    not greater than 0.
    Source: antithetic variates, J. Hammersley and K. Morton (1956), for Liu et al. (2021), Algorithm 1.
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
        """One step; all four gradients of two factors share one ξ."""
        drawn = self.perturbation(problem, key, step)
        above = problem.gradient(tuple(w + z for w, z in zip(theta, drawn, strict=True)))
        below = problem.gradient(tuple(w - z for w, z in zip(theta, drawn, strict=True)))
        sizes = self.step_size.at(step, len(theta), problem.dtype)
        terms = zip(theta, sizes, above, below, strict=True)
        return tuple(w - s / 2 * (one + other) for w, s, one, other in terms), None

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta:
        """ξ of step number `step`."""
        return self.noise.sample(key, step, problem.shapes, problem.dtype)
