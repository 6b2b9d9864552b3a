"""Gradient flow."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock
from equipoise.core.types import Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.integrator import ABSOLUTE, RELATIVE, Integrator


class GradientFlow(AbstractDynamics):
    """dθ/dt = −∇loss(θ), the limit of gradient descent as η → 0; one step of a run is `time` units of flow.

    - `time`: the time of one step, in the unit θ²/loss.
    - `relative_tolerance`, `absolute_tolerance`: the error of each solver step is at most relative_tolerance · |θ| +
      absolute_tolerance; 1e-8 and 1e-12 by default.

    The solver is Tsitouras' method of order 5(4) with adaptive steps. Conserved quantities hold to about the tolerance.
    Stop at a steady state with `StopWhen`. A replicate that needs too many solver steps becomes NaN and ends as
    diverged. Where the gradient jumps, as in a ReLU network, the flow may slide along the jump in solver steps as short
    as the tolerance; use a tolerance of about 1e-5 there. Raises `InputError` for a time or tolerance that is not
    greater than 0.
    Source: Gunasekar et al. (2017), Eq. (3).
    """

    integrator: Integrator

    def __init__(
        self, time: RealNumber, relative_tolerance: RealNumber = RELATIVE, absolute_tolerance: RealNumber = ABSOLUTE
    ) -> None:
        self.integrator = Integrator(time, relative_tolerance, absolute_tolerance)

    def clock(self) -> Clock:
        """The time of one step."""
        return self.integrator.time

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """`time` units of flow; `key` is not used."""
        return self.integrator(lambda at: tuple(-g for g in problem.gradient(at)), theta), None
