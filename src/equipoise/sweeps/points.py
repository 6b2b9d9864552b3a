"""Points of a grid: their values in one form, their names, and the seeds of their random numbers.

A point is known by its values, never by its position. So a point that is added to a grid changes no other, and the same
point in another study of the same seed has the same random numbers.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from equipoise.core.errors import InputError

Value = int | float | str | bool
"""What a point may hold under the name of an axis."""

Point = dict[str, Value]
"""The values of one point of a grid, by the names of the axes."""


def plain_value(axis: str, value: Any) -> Value:
    """A value of an axis as a Python number, string or truth value; a whole number such as 2.0 becomes 2.

    Raises `InputError` for anything else, and for numbers that are not finite.
    """
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if hasattr(value, "__array__") and np.ndim(value) == 0:
        return plain_value(axis, np.asarray(value))
    raise InputError(
        f"The axis {axis} has the value {value!r}; a value is a finite number, a text or a truth value, so give a name "
        "and look it up in make."
    )


def point_key(point: Mapping[str, Any]) -> str:
    """The name of a point: its values as JSON, sorted by the names of the axes; 1 and 1.0 are the same value."""
    plain = {str(axis): plain_value(axis, value) for axis, value in point.items()}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def point_seed(seed: int, point: Mapping[str, Any]) -> int:
    """The seed of a point of a study with this seed: from 0 to 2⁶² − 1.

    It is the first 62 bits of SHA-256 of the seed and of `point_key`, joined by a line break.
    """
    digest = hashlib.sha256(f"{seed}\n{point_key(point)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 2


def in_words(point: Mapping[str, Any]) -> str:
    """A point as in "step_size=0.01, std=0.05"; "the only point" if it has no axes."""
    return ", ".join(f"{axis}={value}" for axis, value in point.items()) or "the only point"
