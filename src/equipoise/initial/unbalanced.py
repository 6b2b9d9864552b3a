"""A start thrown off balance."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from equipoise.core.checks import positive_number
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex


class Unbalanced(AbstractInitial):
    """Another start with X times √factor and Y by √factor: the balance ‖X‖/‖Y‖ is `factor` times what it was.

    The product XYᵀ stays. Raises `InputError` unless `factor` is finite and greater than 0.
    """

    start: AbstractInitial
    factor: AnyArray

    def __init__(self, start: AbstractInitial, factor: RealNumber) -> None:
        self.start = start
        self.factor = np.asarray(positive_number("factor", factor))

    @property
    def needs_signal(self) -> bool:
        """As the other start does."""
        return self.start.needs_signal

    def replicates(self, problem: AbstractProblem) -> int | None:
        """As many as the other start has."""
        return self.start.replicates(problem)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, Array]:
        """The scaled start; only for problems of two factors."""
        x, y = self.start.sample(key, replicate, problem)
        root = jnp.sqrt(jnp.asarray(self.factor, problem.dtype))
        return x * root, y * (1 / root)
