"""Problems, methods and starts as text that a dataset can hold, and back again, to the last bit.

Only classes of this package, and functions of its modules, are written by name; nothing else is ever imported or run.
"""

import base64
import dataclasses
import importlib
import io
import json
import zlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.simulation.setup import Given

_MOST_LETTERS = 60_000
"""The longest text: netCDF holds attributes of up to 64 kB."""
_OWN = "equipoise."
_WITH_FUNCTIONS = tuple(_OWN + name for name in ("dynamics.", "initial.", "noise.", "problems."))


class CannotWriteError(Exception):
    """What a part holds that cannot be written, in words."""


def recipe_of(given: Given) -> str:
    """The parts of a run as text, for the attribute `recipe` of its dataset; what cannot be written, as a reason."""
    parts: dict[str, dict[str, str]] = {}
    for name, part in given._asdict().items():
        try:
            parts[name] = {"written": written(part)}
        except CannotWriteError as reason:
            parts[name] = {"missing": str(reason)}
    return json.dumps(parts)


def written(part: Any) -> str:
    """A part as text; raises `CannotWriteError` for code of the user's own, and for more than a dataset can hold."""
    arrays: list[np.ndarray] = []
    tree = json.dumps(_encoded(part, arrays))
    file = io.BytesIO()
    named: dict[str, Any] = {f"a{i}": array for i, array in enumerate(arrays)}
    np.savez(file, tree=np.frombuffer(tree.encode(), np.uint8), **named)
    text = base64.b64encode(zlib.compress(file.getvalue(), 6)).decode()
    if len(text) > _MOST_LETTERS:
        raise CannotWriteError("arrays that are too large to be kept in a dataset")
    return text


def read(text: str) -> Any:
    """The part that `written` wrote; raises `InputError` for any other text."""
    try:
        with np.load(io.BytesIO(zlib.decompress(base64.b64decode(text))), allow_pickle=False) as file:
            tree = json.loads(file["tree"].tobytes().decode())
            with numerics():
                return _decoded(tree, {name: file[name] for name in file.files})
    except (ValueError, KeyError, OSError, zlib.error, AttributeError, ImportError) as error:
        raise InputError("The dataset's recipe is damaged, or of another version; give the parts by name.") from error


def _encoded(thing: Any, arrays: list[np.ndarray]) -> Any:
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if isinstance(thing, np.dtype):
        return {"dtype": thing.str}
    if isinstance(thing, jax.Array | np.ndarray | np.generic):
        arrays.append(np.asarray(thing))
        return {"array": len(arrays) - 1, "of": "jax" if isinstance(thing, jax.Array) else "numpy"}
    if isinstance(thing, dict):
        return {"dict": [[_encoded(key, arrays), _encoded(value, arrays)] for key, value in thing.items()]}
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = {f.name: _encoded(getattr(thing, f.name), arrays) for f in dataclasses.fields(thing)}
        return {"class": _name_of(type(thing)), "fields": fields}
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return {"named": _name_of(type(thing)), "items": [_encoded(each, arrays) for each in thing]}
    if isinstance(thing, list | tuple):
        return {"tuple" if isinstance(thing, tuple) else "list": [_encoded(each, arrays) for each in thing]}
    return {"function": _name_of(thing)}


def _decoded(tree: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "dtype" in tree:
        return np.dtype(tree["dtype"])
    if "array" in tree:
        array = arrays[f"a{int(tree['array'])}"]
        return jnp.asarray(array) if tree["of"] == "jax" else array
    if "dict" in tree:
        return {_decoded(key, arrays): _decoded(value, arrays) for key, value in tree["dict"]}
    if "class" in tree:
        kind = _found(tree["class"], _OWN)
        if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
            raise ValueError(f"{kind} has no fields")
        made = object.__new__(kind)  # its fields were checked when it was made the first time
        for name, value in tree["fields"].items():
            object.__setattr__(made, name, _decoded(value, arrays))
        return made
    if "named" in tree:
        return _found(tree["named"], _OWN)._make(_decoded(each, arrays) for each in tree["items"])
    if "tuple" in tree:
        return tuple(_decoded(each, arrays) for each in tree["tuple"])
    if "list" in tree:
        return [_decoded(each, arrays) for each in tree["list"]]
    return _found(tree["function"], *_WITH_FUNCTIONS)


def _name_of(thing: Any) -> str:
    """The place of a class or a function of this package; raises `CannotWriteError` for others and for closures."""
    module, name = getattr(thing, "__module__", ""), getattr(thing, "__qualname__", "")
    shown = name or type(thing).__name__
    allowed = (_OWN,) if isinstance(thing, type) else _WITH_FUNCTIONS
    if not str(module).startswith(allowed) or not name.isidentifier():
        raise CannotWriteError(f"{shown}, code that is not the package's own")
    if getattr(importlib.import_module(module), name, None) is not thing:
        raise CannotWriteError(f"{shown}, which has no place of its own in the package")
    return f"{module}:{name}"


def _found(place: str, *allowed: str) -> Any:
    module, _, name = place.partition(":")
    if not module.startswith(allowed) or not name.isidentifier():
        raise ValueError(f"{place} is not a part of this package")
    return getattr(importlib.import_module(module), name)
