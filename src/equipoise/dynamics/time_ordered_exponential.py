"""The time-ordered exponential: the multiplicative form of gradient flow on factors."""

import jax.numpy as jnp

from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta
from equipoise.dynamics.matrix_space import AbstractMatrixMethod, spectral, symmetric_gradient


class TimeOrderedExponential(AbstractMatrixMethod):
    """X ← exp(−2ηG) X exp(−2ηG) with the symmetric gradient G at X: steps of gradient flow on U, written in X = UUᵀ.

    - `step_size`: η as in `GradientDescent`, the time of one step.

    X stays in the manifold of products of exponentials, positive semidefinite and of its rank; the additive steps of
    gradient descent leave this manifold. As η → 0 the method becomes `MatrixFlow`. The gradient of ‖A(X) − y‖² is
    2A*(r), so the paper's step ε is 4 scale η. Raises `InputError` for a step size that is not greater than 0, and
    unless θ is one square matrix.
    Source: Gunasekar et al. (2017), Eq. (12).
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
        gradient = symmetric_gradient(problem, theta)
        factor = spectral(lambda values: jnp.exp(-2 * size * values), gradient)
        moved = factor @ jnp.asarray(theta[0]) @ factor
        return ((moved + moved.T) / 2,), None
