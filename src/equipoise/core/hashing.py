"""Hashes of parts that hold arrays, so that JAX takes their methods as functions: `jax.jit(problem.loss)`."""

from typing import Any

import equinox as eqx
import jax
import numpy as np


def hash_of_form(part: eqx.Module) -> int:
    """A hash of the class, the settings that are no arrays, and the shapes and types of all arrays.

    Equal parts have equal hashes; comparing them, not the hash, tells apart those that differ in numbers.
    """
    leaves, structure = jax.tree.flatten(part)
    return hash((structure, tuple(_form(leaf) for leaf in leaves)))


def _form(leaf: Any) -> Any:
    return (leaf.shape, str(leaf.dtype)) if isinstance(leaf, jax.Array | np.ndarray | np.generic) else leaf
