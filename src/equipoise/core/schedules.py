"""A number for each factor: one for all or one for each, constant or by a schedule."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike

from equipoise.core.checks import as_array, non_negative_number, positive_number
from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray, Number, RealNumber, Schedule, StepIndex

Value = Number | Schedule
"""A number, also one that JAX traces, or a schedule."""

Clock = RealNumber | AnyArray | Schedule | None
"""The time of one step, a number or a schedule; None if steps have no time."""


class PerFactor(eqx.Module):
    """One value for all factors or one for each; a value is a number or a schedule `step -> number`."""

    values: tuple[Any, ...]

    def at(self, step: StepIndex, count: int, dtype: DTypeLike) -> tuple[Array, ...]:
        """The `count` values at `step`, in the precision `dtype`; `InputError` unless there is 1 value or `count`."""
        self.check(count)
        values = [jnp.asarray(v(step) if callable(v) else v, dtype) for v in self.values]
        return tuple(values * count if len(values) == 1 else values)

    def check(self, count: int) -> None:
        """Raise `InputError` unless there is 1 value or `count`."""
        if len(self.values) not in (1, count):
            raise InputError(
                f"{len(self.values)} values were given for {count} factors; give one for all, or one for each."
            )

    @property
    def shared(self) -> Clock:
        """The value of all factors, a number or a schedule; None if there is one for each."""
        return self.values[0] if len(self.values) == 1 else None

    @property
    def is_constant(self) -> bool:
        """Whether no value depends on the step."""
        return not any(callable(v) for v in self.values)

    @property
    def is_zero(self) -> bool:
        """Whether every value is the constant 0."""
        return self.is_constant and all(float(v) == 0 for v in self.values)


class Scaled(eqx.Module):
    """A schedule times a constant. Unlike a new function for each constant, it does not make a run compile again."""

    schedule: Schedule
    factor: AnyArray

    def __init__(self, schedule: Schedule, factor: RealNumber) -> None:
        self.schedule, self.factor = schedule, as_array(factor)

    def __call__(self, step: StepIndex) -> Array:
        """The value at `step`."""
        return jnp.asarray(self.factor * jnp.asarray(self.schedule(step)))


PerFactorLike = Value | Sequence[Value] | np.ndarray | PerFactor
"""The values that a user may pass where a `PerFactor` is needed."""


def per_factor(name: str, given: PerFactorLike, *, positive: bool) -> PerFactor:
    """A scalar, a schedule, or a sequence of them, as a `PerFactor`.

    Raises `InputError` for a value that is not a finite number, is negative, or is zero although `positive` is True. A
    schedule is checked at step 0 only.
    """
    if isinstance(given, PerFactor):
        return given
    several = isinstance(given, Sequence) or (isinstance(given, np.ndarray) and given.ndim == 1)
    values: tuple[Any, ...] = tuple(given) if several else (given,)  # type: ignore[arg-type]
    if not values:
        raise InputError(f"{name} is empty; give a number, a schedule, or one for each factor.")
    return PerFactor(tuple(_checked(name, value, positive) for value in values))


def _checked(name: str, value: Any, positive: bool) -> Any:
    """`value` as an array or a schedule, after a check of its number at step 0."""
    check = positive_number if positive else non_negative_number
    if not callable(value):
        return as_array(check(name, value, hint="" if np.isscalar(value) else "or a schedule step -> number"))
    try:
        first = value(0)
    except TypeError as error:
        raise InputError(
            f"{name} is a function that fails at step 0 ({error}); give a schedule step -> number."
        ) from error
    check(f"{name} at step 0", first)
    return value
