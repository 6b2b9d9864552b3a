"""Triangular factors: of a given matrix, and of a Gaussian one without drawing it."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike, Float, PRNGKeyArray


def triangle_of(matrix: Float[Array, "rows r"]) -> Float[Array, "r r"]:
    """The upper triangular T with TᵀT = EᵀE and a diagonal of 0 or more, for a matrix E of at least r rows.

    By modified Gram-Schmidt, whose T is as accurate as that of Householder's QR (Björck 1967). It has no decomposition,
    which XLA could not batch.
    """
    width = matrix.shape[1]

    def column(j: Array, held: tuple[Array, Array]) -> tuple[Array, Array]:
        left, triangle = held
        at = jnp.take(left, j, axis=1)
        size = jnp.linalg.norm(at)
        direction = at / jnp.where(size > 0, size, 1.0)
        along = jnp.where(jnp.arange(width) > j, direction @ left, 0.0)
        row = along.at[j].set(size)
        return left - jnp.outer(direction, along), triangle.at[j].set(row)

    return jax.lax.fori_loop(0, width, column, (matrix, jnp.zeros((width, width), matrix.dtype)))[1]


def bartlett(key: PRNGKeyArray, rows: int, height: int, width: int, dtype: DTypeLike) -> Float[Array, "height width"]:
    """T with TᵀT distributed as ZᵀZ, for a matrix Z of `rows` x `width` independent N(0, 1) entries.

    T is upper triangular: T_ii² is chi-squared with rows − i degrees of freedom, i = 0, 1, …, and T_ij ~ N(0, 1) for
    j > i. `height` is min(rows, width), and may be 0. Source: Bartlett (1933).
    """
    if height == 0:
        return jnp.zeros((0, width), dtype)
    above, on = jax.random.split(key)
    normals = jax.random.normal(above, (height * width,), dtype).reshape(height, width)
    degrees = jnp.asarray(rows - np.arange(height), dtype)
    diagonal = jnp.sqrt(2 * jax.random.gamma(on, degrees / 2, dtype=dtype))
    columns = jnp.arange(width)[None, :] - jnp.arange(height)[:, None]
    return jnp.where(columns > 0, normals, 0.0) + jnp.where(columns == 0, diagonal[:, None], 0.0)
