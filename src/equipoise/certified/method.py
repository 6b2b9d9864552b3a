"""The interface of a method to the loop: a start, a step, and its current point."""

import abc
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float


class Point(NamedTuple):
    """The current estimates of a method: X, not yet feasible, and ν."""

    matrix: Float[np.ndarray, "d1 d2"]
    dual: Float[np.ndarray, " m"]


class StalledError(Exception):
    """Raised when rounding errors prevent further steps."""


class AbstractMethod(abc.ABC):
    """A method for min ‖X‖_* subject to A(X) = y; it knows nothing of time, gaps and stopping."""

    @property
    @abc.abstractmethod
    def interval(self) -> int:
        """The number of steps from one measurement of the gap to the next; it keeps the steps the main cost."""

    @abc.abstractmethod
    def start(self) -> Any:
        """The first state."""

    @abc.abstractmethod
    def step(self, state: Any) -> Any:
        """The next state; raises `StalledError` if there is none."""

    @abc.abstractmethod
    def point(self, state: Any) -> Point:
        """The estimates of X and ν in a state."""
