"""Methods whose gradients are taken uphill of θ, and the problem that they see."""

import abc
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from equipoise.core.altered import AbstractAltered
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock
from equipoise.core.types import AnyArray, Key, Scalar, StepIndex, Theta


class AbstractAscent(eqx.Module):
    """A way to go uphill from θ, given the gradient there."""

    @abc.abstractmethod
    def __call__(self, theta: Theta, gradient: Theta) -> Theta:
        """The point uphill of θ; θ itself at a stationary point."""


class Uphill(AbstractAltered):
    """A problem whose loss and gradient are taken at the end of an ascent from θ."""

    ascent: AbstractAscent

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The loss uphill of θ, to first order the largest loss within the radius."""
        return self.problem.loss(self._uphill(theta))

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """∇loss at the point uphill of θ."""
        return self.problem.gradient(self._uphill(theta))

    def _uphill(self, theta: Theta) -> Theta:
        return self.ascent(theta, self.problem.gradient(theta))


class AbstractUphillMethod(AbstractDynamics):
    """A method with every gradient taken uphill of θ; to add one, define `ascent`.

    - `dynamics`: the method that uses these gradients.
    """

    dynamics: AbstractDynamics

    @abc.abstractmethod
    def ascent(self) -> AbstractAscent:
        """The way uphill."""

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
        return Uphill(problem, self.ascent())


def over_norm(radius: AnyArray, arrays: Theta) -> Scalar:
    """ρ/‖v‖ over all arrays; 0 where v is 0, since at a stationary point no direction leads uphill."""
    norm = jnp.sqrt(sum(jnp.sum(v**2) for v in arrays))
    return jnp.where(norm > 0, jnp.asarray(radius, norm.dtype) / jnp.where(norm > 0, norm, 1), 0)
