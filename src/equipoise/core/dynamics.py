"""What a method is: `init` and `step`, pure, knowing nothing of loops, records or stopping."""

import abc
from typing import Any

import equinox as eqx
from jaxtyping import PyTree

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, StepIndex, Theta


class AbstractDynamics(eqx.Module):
    """A rule θ_t -> θ_{t+1}. `state` is what the next step needs besides θ; None if nothing."""

    @abc.abstractmethod
    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state before the first step."""

    @abc.abstractmethod
    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """θ and the state after step number `step`, whose random numbers all come from `key`."""
