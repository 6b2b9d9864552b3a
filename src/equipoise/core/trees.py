"""Pytrees of arrays as arrays by name, so that they can be written to a file and read back."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from equipoise.core.errors import InputError
from equipoise.core.types import AnyArray


def named_leaves(tree: Any) -> dict[str, AnyArray]:
    """The arrays of a pytree by path: the names of attributes, keys and positions, joined by slashes."""
    leaves = jax.tree_util.tree_flatten_with_path(tree)[0]
    return {
        jax.tree_util.keystr(path, simple=True, separator="/"): leaf
        for path, leaf in leaves
        if isinstance(leaf, jax.Array | np.ndarray)
    }


def on_host(tree: Any) -> dict[str, np.ndarray]:
    """The arrays of a pytree by path as NumPy arrays, which a file can hold; random keys become their data."""
    return {
        name: np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
        for name, leaf in named_leaves(tree).items()
    }


def with_named_leaves(template: PyTree[Any], named: Mapping[str, np.ndarray]) -> PyTree[Any]:
    """The pytree `template` with its arrays replaced by `named`, which `on_host` took from a pytree of the same form.

    Raises `InputError` if names or shapes differ.
    """
    paths, structure = jax.tree_util.tree_flatten_with_path(template)
    names = [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in paths]
    if set(names) != set(named):
        raise InputError(
            f"The state has the arrays {sorted(named) or 'none'}, but the method's state has "
            f"{sorted(names) or 'none'}; use the method of the run."
        )
    leaves = [_replaced(name, leaf, named[name]) for name, (_, leaf) in zip(names, paths, strict=True)]
    return jax.tree_util.tree_unflatten(structure, leaves)


def _replaced(name: str, leaf: jax.Array, given: np.ndarray) -> jax.Array:
    wanted = jax.random.key_data(leaf).shape if _is_key(leaf) else leaf.shape
    if given.shape != wanted:
        raise InputError(
            f"The array {name} of the state has shape {given.shape}, but the method needs {wanted}; "
            "use the method of the run."
        )
    if _is_key(leaf):
        return jax.random.wrap_key_data(jnp.asarray(given), impl=jax.random.key_impl(leaf))
    return jnp.asarray(given, leaf.dtype)


def _is_key(leaf: AnyArray) -> bool:
    return bool(jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key))
