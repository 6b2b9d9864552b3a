"""Langevin dynamics."""

import jax
import jax.numpy as jnp

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock, PerFactor, PerFactorLike, Value, per_factor
from equipoise.core.types import Key, StepIndex, Theta


class Langevin(AbstractDynamics):
    """θ ← θ − η ∇loss(θ) + √(2ηT) ξ with ξ ~ N(0, I), drawn anew at each step.

    - `step_size`: η as in `GradientDescent`.
    - `temperature`: T, a number or a schedule, in the unit of the loss.

    As η → 0 it samples from the density exp(−loss(θ)/T), if that can be normalized; that of a factorization by itself
    cannot along the orbits of balance, so give it a penalty. In a direction of curvature λ the variance is
    T/(λ(1 − ηλ/2)). Raises `InputError` for a step size that is not greater than 0 and a negative temperature.
    Source: G. Roberts and R. Tweedie, Exponential convergence of Langevin distributions and their discrete
    approximations (1996), the unadjusted algorithm.
    """

    step_size: PerFactor
    temperature: PerFactor

    def __init__(self, step_size: PerFactorLike, temperature: Value) -> None:
        self.step_size = per_factor("step_size", step_size, positive=True)
        self.temperature = per_factor("temperature", temperature, positive=False)

    def clock(self) -> Clock:
        """The step size, if all factors share it."""
        return self.step_size.shared

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """One step with the noise that `key` draws."""
        sizes = self.step_size.at(step, len(theta), problem.dtype)
        (temperature,) = self.temperature.at(step, 1, problem.dtype)
        keys = jax.random.split(key, len(theta))
        moved = []
        for w, size, g, own in zip(theta, sizes, problem.gradient(theta), keys, strict=True):
            drawn = jax.random.normal(own, w.shape, problem.dtype)
            moved.append(w - size * g + jnp.sqrt(2 * size * temperature) * drawn)
        return tuple(moved), None
