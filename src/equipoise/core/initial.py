"""What a start is."""

import abc

import equinox as eqx
from jaxtyping import Array

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, StepIndex


class AbstractInitial(eqx.Module):
    """A law of starting points."""

    @property
    def needs_signal(self) -> bool:
        """Whether it asks for the problem's known optimum."""
        return False

    def replicates(self, problem: AbstractProblem) -> int | None:
        """How many starts there are, or None for as many as are asked for."""
        return None

    @abc.abstractmethod
    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The start of replicate number `replicate`, its random numbers all from `key`."""
