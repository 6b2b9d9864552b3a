"""Any optimizer of optax as a method."""

from typing import Any

import equinox as eqx
import optax

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, StepIndex, Theta


class Optax(AbstractDynamics):
    """θ ← θ + the update of an optax optimizer: momentum, Nesterov, RMSProp, Adam, …, with its schedules.

    - `optimizer`: an optax optimizer such as `optax.adam(1e-3)`. With a `step_size`, one of optax's directions without
      a step size, such as `optax.scale_by_adam()`, `optax.scale_by_sign()` or `optax.trace(0.9)`.
    - `step_size`: η as in `GradientDescent`, for θ ← θ − η direction; by default the optimizer has its own.

    A run with another optimizer compiles again; a run with another `step_size` does not. Raises `InputError` for an
    `optimizer` that is not from optax, and for a step size that is not greater than 0.
    """

    optimizer: optax.GradientTransformation = eqx.field(static=True)
    step_size: PerFactor | None

    def __init__(self, optimizer: Any, step_size: PerFactorLike | None = None) -> None:
        if not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
            raise InputError(f"{optimizer!r} is not an optax optimizer; pass one such as optax.adam(1e-3).")
        self.optimizer = optimizer
        self.step_size = None if step_size is None else per_factor("step_size", step_size, positive=True)

    def init(self, problem: AbstractProblem, theta: Theta) -> Any:
        """The optimizer's state."""
        return self.optimizer.init(theta)

    def step(self, problem: AbstractProblem, theta: Theta, state: Any, key: Key, step: StepIndex) -> tuple[Theta, Any]:
        """One update; `key` is not used."""
        updates, state = self.optimizer.update(problem.gradient(theta), state, theta)
        if self.step_size is not None:
            sizes = self.step_size.at(step, len(theta), problem.dtype)
            updates = tuple(-s * u for s, u in zip(sizes, updates, strict=True))
        return tuple(optax.apply_updates(theta, updates)), state
