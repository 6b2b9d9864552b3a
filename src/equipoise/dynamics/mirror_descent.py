"""Mirror descent."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta
from equipoise.dynamics.potentials import AbstractPotential


class MirrorDescent(AbstractDynamics):
    """∇φ(θ) ← ∇φ(θ) − η ∇loss(θ), gradient descent on the slopes of a potential φ.

    - `step_size`: η as in `GradientDescent`, in the unit [φ]/[loss].
    - `potential`: φ, one of `Hypentropy`, `Entropy` and `PowerPotential`, or an `AbstractPotential` of your own.

    If the loss is one of Aθ and the method converges to a minimum with Aθ = y, then that minimum is the one nearest to
    the start θ₀ in `potential.divergence(θ, θ₀)`, since all steps of ∇φ(θ) lie in the span of the rows of A. Raises
    `InputError` for a step size that is not greater than 0.
    Source: A. Nemirovski and D. Yudin (1983); for the end S. Gunasekar, J. Lee, D. Soudry and N. Srebro, Characterizing
    implicit bias in terms of optimization geometry (2018), Theorem 1.
    """

    step_size: PerFactor
    potential: AbstractPotential

    def __init__(self, step_size: PerFactorLike, potential: AbstractPotential) -> None:
        self.step_size = per_factor("step_size", step_size, positive=True)
        self.potential = potential

    def clock(self) -> Clock:
        """The step size, if all factors share it."""
        return self.step_size.shared

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """One step; `key` is not used."""
        sizes = self.step_size.at(step, len(theta), problem.dtype)
        slopes = (
            self.potential.slope(w) - s * g for w, s, g in zip(theta, sizes, problem.gradient(theta), strict=True)
        )
        return tuple(self.potential.inverse(slope) for slope in slopes), None
