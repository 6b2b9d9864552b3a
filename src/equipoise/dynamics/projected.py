"""Projected gradient descent on a matrix."""

import jax.numpy as jnp

from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta
from equipoise.dynamics.matrix_space import AbstractMatrixMethod, spectral, symmetric_gradient


class ProjectedGradient(AbstractMatrixMethod):
    """X ← the positive semidefinite matrix closest to X − η ∇loss(X), for a direct parametrization.

    - `step_size`: η as in `GradientDescent`.

    Only the symmetric part of the gradient is used. To descend without the projection, use `GradientDescent` on the
    same problem. Raises `InputError` for a step size that is not greater than 0, and unless θ is one square matrix.
    Source: Gunasekar et al. (2017), Section 2 (X_gd).
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
        self.check(problem)
        (size,) = self.step_size.at(step, 1, problem.dtype)
        moved = jnp.asarray(theta[0]) - size * symmetric_gradient(problem, theta)
        return (spectral(lambda values: jnp.maximum(values, 0.0), (moved + moved.T) / 2),), None
