"""A start with its balance changed."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from equipoise.core.checks import positive_number
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex


class Unbalanced(AbstractInitial):
    """Another start with X multiplied and Y divided by √factor, which multiplies the balance ‖X‖/‖Y‖ by `factor`.

    - `start`: the other start.
    - `factor`: the factor for the balance.

    The product XYᵀ stays the same. Raises `InputError` unless `factor` is finite and greater than 0.
    """

    start: AbstractInitial
    factor: AnyArray

    def __init__(self, start: AbstractInitial, factor: RealNumber) -> None:
        self.start = start
        self.factor = np.asarray(positive_number("factor", factor))

    @property
    def needs_signal(self) -> bool:
        """Whether the other start needs the known optimum."""
        return self.start.needs_signal

    def replicates(self, problem: AbstractProblem) -> int | None:
        """The number of replicates for which the other start has one."""
        return self.start.replicates(problem)

    @property
    def is_conditional(self) -> bool:
        """Whether draws of the other start are rejected."""
        return self.start.is_conditional

    def rejected(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> Int[AnyArray, ""]:
        """How many draws of the other start are rejected."""
        return self.start.rejected(key, replicate, problem)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, Array]:
        """The scaled start; only for problems of two factors."""
        x, y = self.start.sample(key, replicate, problem)
        root = jnp.sqrt(jnp.asarray(self.factor, problem.dtype))
        return x * root, y * (1 / root)
