"""Random numbers for all factors, drawn as one flat vector: JAX compiles draws of matrices many times more slowly."""

import math

import jax.numpy as jnp
from jaxtyping import Array, DTypeLike

from equipoise.core.held import held
from equipoise.core.threefry import normal
from equipoise.core.types import Key, Shapes, StepIndex


def split_flat(flat: Array, shapes: Shapes) -> tuple[Array, ...]:
    """The arrays of the given shapes, in order, that a vector is cut into."""
    sizes = [math.prod(shape) for shape in shapes]
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return tuple(
        jnp.reshape(flat[end - size : end], shape) for end, size, shape in zip(ends, sizes, shapes, strict=True)
    )


def standard_normal(key: Key, shapes: Shapes, dtype: DTypeLike, step: StepIndex | None = None) -> tuple[Array, ...]:
    """Independent N(0, 1) entries, in one draw for all factors, which is cheaper than one draw for each.

    - `step`: the number of the step that draws them, if it is one; they are then computed once, in one loop.
    """
    total = sum(math.prod(shape) for shape in shapes)
    flat = normal(key, (total,), dtype)
    return split_flat(flat if step is None else held(flat, step), shapes)


def isotropic_moments(variances: tuple[Array, ...], shapes: Shapes) -> tuple[Array, ...]:
    """E[ξᵀξ] = rows · variance · I for each factor ξ with independent entries of mean zero."""
    return tuple(rows * v * jnp.eye(rank, dtype=v.dtype) for v, (rows, rank) in zip(variances, shapes, strict=True))
