"""Random numbers for all factors, drawn at once as one flat vector: JAX compiles draws of a shape many times slower."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, DTypeLike

from equipoise.core.types import Key, Shapes


def split_flat(flat: Array, shapes: Shapes) -> tuple[Array, ...]:
    """A vector cut into arrays of the given shapes, in order."""
    sizes = [math.prod(shape) for shape in shapes]
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple(
        jnp.reshape(flat[end - size : end], shape) for end, size, shape in zip(ends, sizes, shapes, strict=True)
    )


def standard_normal(key: Key, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
    """Independent N(0, 1) entries: one draw for all factors, which is cheaper than one each."""
    total = sum(math.prod(shape) for shape in shapes)
    return split_flat(jax.random.normal(key, (total,), dtype), shapes)


def isotropic_moments(variances: tuple[Array, ...], shapes: Shapes) -> tuple[Array, ...]:
    """E[ξᵀξ] = rows · variance · I for entries independent of each other."""
    return tuple(rows * v * jnp.eye(rank, dtype=v.dtype) for v, (rows, rank) in zip(variances, shapes, strict=True))
