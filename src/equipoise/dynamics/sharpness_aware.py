"""Sharpness-aware minimization, around any method."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from equipoise.core.checks import positive_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.precision import float64
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, Shapes, StepIndex, Theta


class _Ascended(AbstractProblem):
    """A problem whose loss and gradient are taken uphill of θ."""

    problem: AbstractProblem
    radius: AnyArray

    @property
    def shapes(self) -> Shapes:
        """Those of the problem itself."""
        return self.problem.shapes

    @property
    def dtype(self) -> np.dtype:
        """That of the problem itself."""
        return self.problem.dtype

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The loss uphill of θ, to first order the largest loss within the radius."""
        return self.problem.loss(self._uphill(theta))

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """∇loss(θ + ρ g/‖g‖), g = ∇loss(θ)."""
        return self.problem.gradient(self._uphill(theta))

    def curvature(self, theta: Theta) -> None:
        """None: no closed form is known."""

    def _uphill(self, theta: Theta) -> Theta:
        gradient = self.problem.gradient(theta)
        norm = jnp.sqrt(sum(jnp.sum(g**2) for g in gradient))
        # at a stationary point no direction leads uphill, and θ stays
        length = jnp.where(norm > 0, jnp.asarray(self.radius, self.dtype) / jnp.where(norm > 0, norm, 1), 0)
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
        self.radius = np.asarray(positive_number("radius", radius))

    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state of `dynamics`."""
        return self.dynamics.init(_Ascended(problem, self.radius), theta)

    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """One step of `dynamics` with the gradients taken uphill."""
        return self.dynamics.step(_Ascended(problem, self.radius), theta, state, key, step)

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The perturbation of `dynamics`."""
        return self.dynamics.perturbation(problem, key, step)

    def refusal(self, problem: AbstractProblem) -> str:
        """That of `dynamics`, which sees a problem of its own."""
        return self.dynamics.refusal(_Ascended(problem, self.radius))
