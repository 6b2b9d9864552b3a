"""Triangular factors: of a given matrix, and of a Gaussian one without drawing it."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from equipoise.core.types import AnyArray
from equipoise.simulation.law.chi import lengths


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


def entries_of_triangle(height: int, width: int) -> int:
    """How many entries an upper triangular matrix has on and above its diagonal, for `height` up to `width`."""
    return height * width - height * (height - 1) // 2


def bartlett(
    numbers: Float[Array, " entries"], pieces: Float[AnyArray, "height 4 terms"], width: int
) -> Float[Array, "height width"]:
    """T with TᵀT distributed as ZᵀZ, for a matrix Z of n x `width` independent N(0, 1) entries; height = min(n, width).

    T is upper triangular: T_ii² is chi-squared with n − i degrees of freedom, i = 0, 1, …, and T_ij ~ N(0, 1) for
    j > i. `numbers` are independent N(0, 1), row by row; `pieces` are those of n, n − 1, …. Source: Bartlett (1933).
    """
    height = pieces.shape[0]
    if height == 0:
        return jnp.zeros((0, width), numbers.dtype)
    place = np.full((height, width), numbers.size)
    place[np.triu_indices(height, m=width)] = np.arange(numbers.size)
    above = jnp.concatenate([numbers, jnp.zeros(1, numbers.dtype)])[place]
    diagonal = lengths(numbers[np.diagonal(place)], jnp.asarray(pieces, numbers.dtype))
    return jnp.where(np.eye(height, width, dtype=bool), diagonal[:, None], above)
