"""Checks of numbers that a user typed: what counts as a number, and the error for a wrong one."""

import math
import operator
from typing import Any

import jax
import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import joined
from equipoise.core.types import RealNumber


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """`value` as an int if it is a whole number (2.0 is one) from `least` to `most`; `InputError` otherwise.

    The message begins with `name`. Booleans do not count as numbers.
    """
    try:
        if isinstance(value, float | np.floating) and value == np.floor(value):
            value = int(value)
        number = operator.index(value)
    except (TypeError, OverflowError):
        number = None
    if number is None or _is_truth_value(value) or number < least or (most is not None and number > most):
        allowed = f"{least} or greater" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} is {value}; it must be a whole number, {allowed}.")
    return number


def real_number(
    name: str,
    value: Any,
    *,
    above: RealNumber | None = None,
    least: RealNumber | None = None,
    below: RealNumber | None = None,
    most: RealNumber | None = None,
    hint: str = "",
) -> Any:
    """`value` as a float if it is a finite real number within the bounds; `InputError` otherwise.

    - `name`: the first words of the message.
    - `above`, `least`: the lower bound, which `value` must exceed (`above`) or reach (`least`); give at most one.
    - `below`, `most`: the upper bound, which `value` must stay below (`below`) or may reach (`most`); at most one.
    - `hint`: added to the end of the message in parentheses; nothing by default.

    Booleans and text do not count as numbers; an array without axes does. A number that JAX traces, as in `jax.grad`,
    has no value yet: it is returned as it is, unchecked.
    """
    if isinstance(value, jax.core.Tracer) and value.ndim == 0:
        return value
    number = _as_float(value)
    inside = math.isfinite(number) and not (
        (above is not None and number <= above)
        or (least is not None and number < least)
        or (below is not None and number >= below)
        or (most is not None and number > most)
    )
    if not inside:
        allowed = joined(["finite", *_bounds(above, least, below, most)])
        raise InputError(f"{name} is {value}; it must be {allowed}{f' ({hint})' if hint else ''}.")
    return number


def as_array(number: Any) -> Any:
    """A checked number as an array of NumPy; a traced one as it is."""
    return number if isinstance(number, jax.core.Tracer) else np.asarray(number)


def positive_number(name: str, value: Any, *, hint: str = "") -> Any:
    """`value` as a float if it is finite and greater than 0; `InputError` otherwise."""
    return real_number(name, value, above=0, hint=hint)


def non_negative_number(name: str, value: Any, *, hint: str = "") -> Any:
    """`value` as a float if it is finite and 0 or greater; `InputError` otherwise."""
    return real_number(name, value, least=0, hint=hint)


def _as_float(value: Any) -> float:
    """`value` as a float, or NaN if it is not a number."""
    if isinstance(value, str | bytes) or _is_truth_value(value) or np.ndim(value) != 0:
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _is_truth_value(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _bounds(
    above: RealNumber | None, least: RealNumber | None, below: RealNumber | None, most: RealNumber | None
) -> list[str]:
    """The bounds in words."""
    lower, upper = least if above is None else above, most if below is None else below
    if lower is not None and upper is not None and above is None and below is None:
        return [f"from {lower:g} to {upper:g}"]
    said = [] if lower is None else [f"greater than {lower:g}" if above is not None else f"{lower:g} or greater"]
    return said + ([] if upper is None else [f"smaller than {upper:g}" if below is not None else f"at most {upper:g}"])
