"""Sharpness-aware minimization, around any method."""

from typing import Any

from jaxtyping import PyTree

from equipoise.core.checks import as_array, positive_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.uphill import AbstractAscent, Uphill, over_norm


class _Euclidean(AbstractAscent):
    """θ + ρ g/‖g‖."""

    radius: AnyArray

    def __call__(self, theta: Theta, gradient: Theta) -> Theta:
        """The point at distance ρ along the gradient."""
        length = over_norm(self.radius, gradient)
        return tuple(w + length * g for w, g in zip(theta, gradient, strict=True))


class SharpnessAware(AbstractDynamics):
    """A method with every gradient taken at θ + ρ g/‖g‖ in place of θ, where g is the gradient at θ.

    - `dynamics`: the method that uses these gradients.
    - `radius`: ρ, in the unit of θ.

    ‖g‖ is the Euclidean norm over all arrays. Inside `Minibatch` both gradients are those of one batch, as is usual.
    Raises `InputError` for a radius that is not greater than 0.
    Source: P. Foret, A. Kleiner, H. Mobahi and B. Neyshabur, Sharpness-aware minimization for efficiently improving
    generalization (2021), Eq. (2).
    """

    dynamics: AbstractDynamics
    radius: AnyArray

    def __init__(self, dynamics: AbstractDynamics, radius: RealNumber) -> None:
        self.dynamics = dynamics
        self.radius = as_array(positive_number("radius", radius))

    def clock(self) -> Clock:
        """That of `dynamics`."""
        return self.dynamics.clock()

    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state of `dynamics`."""
        return self.dynamics.init(self._seen(problem), theta)

    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """One step of `dynamics` with the gradients taken uphill."""
        return self.dynamics.step(self._seen(problem), theta, state, key, step)

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The perturbation of `dynamics`."""
        return self.dynamics.perturbation(problem, key, step)

    def refusal(self, problem: AbstractProblem) -> str:
        """That of `dynamics`, which sees a problem of its own."""
        return self.dynamics.refusal(self._seen(problem))

    def _seen(self, problem: AbstractProblem) -> Uphill:
        return Uphill(problem, _Euclidean(self.radius))
