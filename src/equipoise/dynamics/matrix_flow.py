"""Gradient flow on factors, written in their product."""

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.integrator import ABSOLUTE, RELATIVE, Integrator
from equipoise.dynamics.matrix_space import AbstractMatrixMethod, symmetric_gradient


class MatrixFlow(AbstractMatrixMethod):
    """dX/dt = −2(GX + XG), G the symmetric gradient at X: gradient flow of UUᵀ written in X = UUᵀ alone.

    On a direct parametrization, from a positive semidefinite start; the rest is as in `GradientFlow`. Source:
    Gunasekar et al. (2017), Eq. (4), whose time is 4 scale times ours.
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
        self.check(problem)

        def velocity(at: Theta) -> Theta:
            moved = symmetric_gradient(problem, at) @ at[0]
            return (-2 * (moved + moved.T),)

        return self.integrator(velocity, tuple((x + x.T) / 2 for x in theta)), None
