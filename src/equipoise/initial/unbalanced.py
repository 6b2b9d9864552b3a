"""A start thrown off balance."""

import equinox as eqx
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, RealNumber, StepIndex


class Unbalanced(AbstractInitial):
    """Another start with X times √factor and Y by √factor: the balance ‖X‖/‖Y‖ is `factor` times what it was.

    The product XYᵀ stays. Raises `InputError` unless `factor` is finite and greater than 0.
    """

    start: AbstractInitial
    factor: float = eqx.field(static=True)

    def __init__(self, start: AbstractInitial, factor: RealNumber) -> None:
        if not 0 < factor < float("inf"):
            raise InputError(f"factor is {factor}; the unbalance must be finite and greater than 0.")
        self.start = start
        self.factor = float(factor)

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
        return x * self.factor**0.5, y * self.factor**-0.5
