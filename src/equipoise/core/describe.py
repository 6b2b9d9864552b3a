"""Settings as data: what a module was made with, as plain dictionaries for the record."""

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from equipoise.core.schedules import PerFactor

_LARGEST_LISTED = 16


def describe(thing: Any) -> Any:
    """`thing` as nested dictionaries, lists, numbers and strings that JSON can hold.

    A module becomes its class name and fields; an array of more than 16 entries its shape, type and SHA-256.
    """
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        if isinstance(thing, PerFactor):
            return describe(thing.values[0] if len(thing.values) == 1 else thing.values)
        fields = {f.name: describe(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
        return {"class": f"{type(thing).__module__}.{type(thing).__qualname__}", **fields}
    if isinstance(thing, jax.Array | np.ndarray | np.generic):
        return _describe_array(np.asarray(thing))
    if isinstance(thing, tuple) and hasattr(thing, "_asdict"):
        return {"class": type(thing).__qualname__, **describe(thing._asdict())}
    if isinstance(thing, Mapping):
        return {str(k): describe(v) for k, v in thing.items()}
    if isinstance(thing, list | tuple):
        return [describe(v) for v in thing]
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    return _describe_callable(thing) if callable(thing) else repr(thing)


def _describe_array(array: np.ndarray) -> Any:
    if array.ndim == 0:
        return array.item()
    if array.size <= _LARGEST_LISTED:
        return array.tolist()
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return {"shape": list(array.shape), "dtype": str(array.dtype), "sha256": digest}


def _describe_callable(function: Any) -> Any:
    """A function's name, and the values its closure holds, so that two optax schedules are told apart."""
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', repr(function))}"
    plain = {k: v for k, v in _closure(function) if isinstance(v, bool | int | float | str)}
    return {"function": name, "values": plain} if plain else {"function": name}


def _closure(function: Any) -> Iterator[tuple[str, Any]]:
    """The names and values that a function holds, without those that were never set."""
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    for name, cell in zip(code.co_freevars if code else (), cells or (), strict=True):
        with contextlib.suppress(ValueError):  # an empty cell
            yield name, cell.cell_contents
