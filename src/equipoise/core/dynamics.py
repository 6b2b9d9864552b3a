"""The base class of methods: `init` and `step` are pure and know nothing of loops, records or stopping."""

import abc
from typing import Any

import equinox as eqx
from jaxtyping import PyTree

from equipoise.core.errors import InputError
from equipoise.core.hashing import hash_of_form
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import Clock
from equipoise.core.types import Key, StepIndex, Theta


class AbstractDynamics(eqx.Module):
    """A method θ_t -> θ_{t+1}. Its `state` is what the next step needs besides θ: a pytree of arrays, or None."""

    __hash__ = hash_of_form

    @abc.abstractmethod
    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state before the first step."""

    @abc.abstractmethod
    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """θ and the state after step number `step`; all random numbers of the step come from `key`."""

    def clock(self) -> Clock:
        """The time of one step in the flow that the method becomes as its steps shrink; None if it becomes none.

        A number or a schedule of the step, in the unit of the step size.
        """
        return None

    def refusal(self, problem: AbstractProblem) -> str:
        """Why this method cannot run on `problem`, as a sentence that opens with its name; empty where it can."""
        return ""

    def check(self, problem: AbstractProblem) -> None:
        """Raise `InputError` where the method cannot run on `problem`."""
        reason = self.refusal(problem)
        if reason:
            raise InputError(reason)

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The noise that step number `step` adds to θ before it takes the gradient, shaped as θ; None without noise.

        A method with noise draws it here, from the `key` of its step, so that the noise can be recorded.
        """
        return None
