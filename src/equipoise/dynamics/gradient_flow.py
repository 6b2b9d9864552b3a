"""Gradient flow."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.integrator import ABSOLUTE, RELATIVE, Integrator


class GradientFlow(AbstractDynamics):
    """dθ/dt = −∇loss(θ), a step of the loop being `time` units of flow; the limit of gradient descent as η → 0.

    Integrated by Tsitouras' method of order 5(4), its steps chosen so that the error of each is at most
    relative_tolerance · |θ| + absolute_tolerance; what the flow conserves, it conserves to about that. Stop it at a
    steady state with `StopWhen`. A replicate that needs too many steps becomes NaN, and so ends as diverged. Where the
    gradient jumps, as that of a ReLU network does, the flow may slide along the jump, in steps as short as the
    tolerance: give 1e-5 or so. Raises `InputError` for a time or tolerance that is not greater than 0. Source:
    Gunasekar et al. (2017), Eq. (3).
    """

    integrator: Integrator

    def __init__(
        self, time: RealNumber, relative_tolerance: RealNumber = RELATIVE, absolute_tolerance: RealNumber = ABSOLUTE
    ) -> None:
        self.integrator = Integrator(time, relative_tolerance, absolute_tolerance)

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """Nothing but θ is carried."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """`time` units of flow; `key` is not used."""
        return self.integrator(lambda at: tuple(-g for g in problem.gradient(at)), theta), None
