"""Any optimizer of optax as a method."""

from typing import Any

import equinox as eqx
import optax

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, StepIndex, Theta


class Optax(AbstractDynamics):
    """θ ← θ + the update of an optax optimizer: momentum, Nesterov, RMSProp, Adam, …, with its schedules.

    The optimizer is part of the compiled program: another step size compiles again. Raises `InputError` for what is no
    optax optimizer.
    """

    optimizer: optax.GradientTransformation = eqx.field(static=True)

    def __check_init__(self) -> None:
        if not (hasattr(self.optimizer, "init") and hasattr(self.optimizer, "update")):
            raise InputError(f"{self.optimizer!r} is no optax optimizer; pass one such as optax.adam(1e-3).")

    def init(self, problem: AbstractProblem, theta: Theta) -> Any:
        """The optimizer's state."""
        return self.optimizer.init(theta)

    def step(self, problem: AbstractProblem, theta: Theta, state: Any, key: Key, step: StepIndex) -> tuple[Theta, Any]:
        """One update; `key` is not used."""
        updates, state = self.optimizer.update(problem.gradient(theta), state, theta)
        return tuple(optax.apply_updates(theta, updates)), state
