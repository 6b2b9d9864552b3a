"""What several runs share, and the numbers in which they differ."""

from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

import equinox as eqx
import jax
import numpy as np

from equipoise.core.errors import InputError

Part = TypeVar("Part", bound=eqx.Module)


def form_of(part: eqx.Module) -> Hashable:
    """What two problems, methods or starts have in common if they differ in numbers alone.

    It is made of the classes, the settings that are no numbers, and the shapes and types of all arrays.
    """
    leaves, structure = jax.tree.flatten(part)
    return structure, tuple(_form(leaf) for leaf in leaves)


def differing(parts: Sequence[Part]) -> tuple[Part, Any]:
    """The first of several parts of the same form, and the numbers in which any of them differ from it.

    The numbers are a part of the same kind, whose arrays have one more axis in front, with one entry for each part. It
    is None where all agree, and None as a whole if all agree everywhere. Raises `InputError` if the forms differ.
    """
    first = parts[0]
    if any(form_of(part) != form_of(first) for part in parts[1:]):
        raise InputError(
            f"These differ in more than numbers: {', '.join(sorted({type(part).__name__ for part in parts}))}; give "
            "all the same kind, sizes and settings, or run them one by one."
        )
    columns = zip(*(jax.tree.leaves(part) for part in parts), strict=True)
    own = [None if all(_same(leaf, column[0]) for leaf in column[1:]) else np.stack(column) for column in columns]
    if all(column is None for column in own):
        return first, None
    return first, jax.tree.unflatten(jax.tree.structure(first), own)


def same(one: eqx.Module, other: eqx.Module) -> bool:
    """Whether two parts are the same, numbers included."""
    if one is other:
        return True
    return form_of(one) == form_of(other) and all(map(_same, jax.tree.leaves(one), jax.tree.leaves(other)))


def _form(leaf: Any) -> Hashable:
    return (leaf.shape, str(leaf.dtype)) if isinstance(leaf, np.ndarray | np.generic | jax.Array) else leaf


def _same(one: Any, other: Any) -> bool:
    return one is other or bool(np.array_equal(one, other))
