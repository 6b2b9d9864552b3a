"""Settings as data: the fields of a module as plain dictionaries, to be stored with results."""

import contextlib
import dataclasses
import functools
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import numpy as np

from equipoise.core.schedules import PerFactor

_LARGEST_LISTED = 16
_DEEPEST = 8


def describe(thing: Any) -> Any:
    """`thing` as nested dictionaries, lists, numbers and strings that JSON can hold.

    A module becomes its class name and fields. An array of more than 16 entries becomes its shape, type and SHA-256. A
    function becomes its name, the constants in its code and the values in its closure, which tell two functions apart.
    """
    return _describe(thing, 0)


def _describe(thing: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return type(thing).__qualname__
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        if isinstance(thing, PerFactor):
            return _describe(thing.values[0] if len(thing.values) == 1 else thing.values, depth)
        fields = {f.name: _describe(getattr(thing, f.name), depth) for f in dataclasses.fields(thing)}
        return {"class": f"{type(thing).__module__}.{type(thing).__qualname__}", **fields}
    if isinstance(thing, jax.Array | np.ndarray | np.generic):
        return _describe_array(np.asarray(thing))
    if isinstance(thing, tuple) and hasattr(thing, "_asdict"):
        return {"class": type(thing).__qualname__, **_describe(thing._asdict(), depth)}
    if isinstance(thing, Mapping):
        return {str(k): _describe(v, depth) for k, v in thing.items()}
    if isinstance(thing, list | tuple):
        return [_describe(v, depth) for v in thing]
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    return _describe_callable(thing, depth + 1) if callable(thing) else repr(thing)


def _describe_array(array: np.ndarray) -> Any:
    if array.ndim == 0:
        return array.item()
    if array.size <= _LARGEST_LISTED:
        return array.tolist()
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return {"shape": list(array.shape), "dtype": str(array.dtype), "sha256": digest}


def _describe_callable(function: Any, depth: int) -> Any:
    """A function's name, the numbers in its code and the values in its closure, if any."""
    if isinstance(function, functools.partial):
        bound = {"arguments": list(function.args), **function.keywords}
        return {**_describe_callable(function.func, depth), "bound": _describe(bound, depth)}
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__qualname__)}"
    code = getattr(function, "__code__", None)
    constants = [c for c in (code.co_consts if code else ()) if isinstance(c, int | float) and not isinstance(c, bool)]
    values = {k: _describe(v, depth) for k, v in _closure(function)}
    parts = {"constants": constants, "values": values}
    return {"function": name, **{key: part for key, part in parts.items() if part}}


def _closure(function: Any) -> Iterator[tuple[str, Any]]:
    """The names and values in a function's closure, without names that were never set."""
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    for name, cell in zip(code.co_freevars if code else (), cells or (), strict=True):
        with contextlib.suppress(ValueError):  # an empty cell
            yield name, cell.cell_contents
