"""Gradient flow on factors, written in terms of their product."""

from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock
from equipoise.core.types import Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.integrator import ABSOLUTE, RELATIVE, Integrator
from equipoise.dynamics.matrix_space import AbstractMatrixMethod, symmetric_gradient


class MatrixFlow(AbstractMatrixMethod):
    """dX/dt = −2(GX + XG) with the symmetric gradient G at X: gradient flow on U, written in X = UUᵀ alone.

    It needs a direct parametrization and a positive semidefinite start. The arguments, the solver and the errors are
    those of `GradientFlow`.
    Source: Gunasekar et al. (2017), Eq. (4); their time is 4 scale times the time here.
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
        self.check(problem)

        def velocity(at: Theta) -> Theta:
            moved = symmetric_gradient(problem, at) @ at[0]
            return (-2 * (moved + moved.T),)

        return self.integrator(velocity, tuple((x + x.T) / 2 for x in theta)), None
