"""Gradient descent."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta


def descend(problem: AbstractProblem, theta: Theta, where: Theta, step_size: PerFactor, step: StepIndex) -> Theta:
    """θ − η ∇loss(where), with a step size for each array of θ."""
    sizes = step_size.at(step, len(theta), problem.dtype)
    return tuple(w - s * g for w, s, g in zip(theta, sizes, problem.gradient(where), strict=True))


class GradientDescent(AbstractDynamics):
    """θ ← θ − η ∇loss(θ), with one step size η for all factors or one for each.

    - `step_size`: η, one value or one per factor, each a number or a schedule `step -> number`, in the unit θ²/loss.

    Raises `InputError` for a step size that is not greater than 0.
    """

    step_size: PerFactor

    def __init__(self, step_size: PerFactorLike) -> None:
        self.step_size = per_factor("step_size", step_size, positive=True)

    def clock(self) -> Clock:
        """The step size, if all factors share it."""
        return self.step_size.shared

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """One step; `key` is not used."""
        return descend(problem, theta, theta, self.step_size, step), None
