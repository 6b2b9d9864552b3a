"""Checks of what a user typed that several layers need."""

import math
import operator
from typing import Any

import numpy as np

from equipoise.core.errors import InputError


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> int:
    """`value` as an int if it is a whole number, 2.0 included, from `least` to `most`; `InputError` otherwise."""
    try:
        if isinstance(value, float | np.floating) and value == np.floor(value):
            value = int(value)
        number = operator.index(value)
    except (TypeError, OverflowError):
        number = None
    if number is None or isinstance(value, bool) or number < least or (most is not None and number > most):
        allowed = f"{least} or greater" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} is {value}; it must be a whole number, {allowed}.")
    return number


def positive_number(name: str, value: Any) -> np.ndarray:
    """`value` as an array of one float64; `InputError` unless it is a finite number greater than 0."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"{name} is {value}; it must be finite and greater than 0.")
    return np.asarray(number)
