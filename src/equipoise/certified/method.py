"""What a method is to the one loop: a start, a step, and the point it stands at."""

import abc
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float


class Point(NamedTuple):
    """Where a method stands: an estimate of X, not yet feasible, and one of ν."""

    matrix: Float[np.ndarray, "d1 d2"]
    dual: Float[np.ndarray, " m"]


class StalledError(Exception):
    """Rounding errors leave no step to take."""


class AbstractMethod(abc.ABC):
    """A method for min ‖X‖_* subject to A(X) = y; it knows nothing of time, gaps and stopping."""

    @property
    @abc.abstractmethod
    def interval(self) -> int:
        """Steps between two looks at the gap, which a look should not dominate."""

    @abc.abstractmethod
    def start(self) -> Any:
        """The first state."""

    @abc.abstractmethod
    def step(self, state: Any) -> Any:
        """The next state; raises `StalledError` where there is none."""

    @abc.abstractmethod
    def point(self, state: Any) -> Point:
        """The estimates of X and ν in a state."""
