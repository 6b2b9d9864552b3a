"""Small functions on matrices that several parametrizations share."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def as_factors(matrix: Float[Array, "d1 d2"]) -> tuple[Float[Array, "d1 k"], Float[Array, "d2 k"]]:
    """(W, I), or (I, Wᵀ) where W has more columns than rows: a matrix as a product of two factors."""
    identity = jnp.eye(min(matrix.shape), dtype=matrix.dtype)
    return (matrix, identity) if matrix.shape[0] >= matrix.shape[1] else (identity, matrix.T)


def filled(matrix: Float[Array, "rows columns"], shape: tuple[int, ...]) -> Float[Array, "more_rows more_columns"]:
    """The matrix in the upper left corner of one of zeros."""
    return jnp.pad(matrix, [(0, size - had) for size, had in zip(shape, matrix.shape, strict=True)])
