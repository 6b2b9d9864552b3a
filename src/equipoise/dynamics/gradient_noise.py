"""Any method with noise on the gradient."""

from typing import Any

from jaxtyping import Array, PyTree

from equipoise.core.altered import AbstractAltered
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.noise import AbstractNoise
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock
from equipoise.core.types import AnyArray, Key, Scalar, StepIndex, Theta
from equipoise.dynamics.wrapping import inner_key, own_key


class _Shifted(AbstractAltered):
    """A problem whose gradient is off by a constant."""

    shift: tuple[AnyArray, ...]

    def loss(self, theta: Theta) -> Scalar:
        """That of the problem itself."""
        return self.problem.loss(theta)

    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """∇loss(θ) + shift."""
        return tuple(g + z for g, z in zip(self.problem.gradient(theta), self.shift, strict=True))


class GradientNoise(AbstractDynamics):
    """A method with every gradient replaced by ∇loss(θ) + ξ, with the noise ξ drawn anew at each step.

    - `dynamics`: the method that uses these gradients.
    - `noise`: the law of ξ, from `equipoise.noise`, in the unit of the gradient.

    It is isotropic noise, the same wherever θ is, to compare with that of labels, batches and perturbations, which
    depends on θ. All gradients of one step get the same ξ. It differs from `PerturbedGD`, where the noise is on θ
    itself and is not averaged away.
    Source: J. HaoChen, C. Wei, J. Lee and T. Ma, Shape matters (2021), where it is called spherical Gaussian noise.
    """

    dynamics: AbstractDynamics
    noise: AbstractNoise

    def clock(self) -> Clock:
        """That of `dynamics`."""
        return self.dynamics.clock()

    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state of `dynamics`."""
        return self.dynamics.init(problem, theta)

    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """One step of `dynamics` with the noise that `key` draws."""
        drawn = self.noise.sample(own_key(key), step, problem.shapes, problem.dtype)
        return self.dynamics.step(_Shifted(problem, drawn), theta, state, inner_key(key), step)

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The perturbation of `dynamics`; ξ is none of θ."""
        return self.dynamics.perturbation(problem, inner_key(key), step)

    def refusal(self, problem: AbstractProblem) -> str:
        """That of `dynamics`, which sees a problem of its own."""
        return self.dynamics.refusal(_Shifted(problem, ()))
