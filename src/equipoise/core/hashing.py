"""Hashes of parts that hold arrays, so that JAX takes their methods as functions: `jax.jit(problem.loss)`."""

from typing import Any

import equinox as eqx
import jax
import numpy as np


def hash_of_form(part: eqx.Module) -> int:
    """A hash of the class, the settings that are no arrays, and the shapes and types of all arrays.

    Equal parts have equal hashes; comparing them, not the hash, tells apart those that differ in numbers. Raises
    `TypeError` for a part that is traced, because traced numbers cannot be compared; JAX then takes its methods as new.
    """
    leaves, structure = jax.tree.flatten(part)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        raise TypeError(f"a traced {type(part).__name__} has no hash")
    return hash((structure, tuple(_form(leaf) for leaf in leaves)))


def _form(leaf: Any) -> Any:
    return (leaf.shape, str(leaf.dtype)) if isinstance(leaf, jax.Array | np.ndarray | np.generic) else leaf
