"""What a start is."""

import abc
from typing import ClassVar

import equinox as eqx
from jaxtyping import Array

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, StepIndex


class AbstractInitial(eqx.Module):
    """A law of starting points. `needs_signal` says that it asks for the problem's known optimum."""

    needs_signal: ClassVar[bool] = False

    @abc.abstractmethod
    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The start of replicate number `replicate`, its random numbers all from `key`."""
