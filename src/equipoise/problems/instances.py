"""Random ingredients of instances with a known truth: orthonormal columns, measurement matrices, entries to see."""

import numpy as np
from jaxtyping import Float, Int

from equipoise.core.checks import real_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.seeds import generator
from equipoise.core.types import RealNumber
from equipoise.problems.seeds import Stream


def orthonormal(rows: int, columns: int, seed: int | None, stream: Stream) -> Float[np.ndarray, "rows columns"]:
    """Columns of the identity, or, with a seed, of a Haar-distributed orthogonal matrix from one of its streams."""
    if seed is None:
        return np.eye(rows, columns)
    q, r = np.linalg.qr(generator(seed, stream).standard_normal((rows, columns)))
    return q * np.sign(np.diag(r))


def gaussian_measurements(size: int, count: int, *, seed: int) -> Float[np.ndarray, "m n n"]:
    """`count` symmetric n x n matrices A_i = (B_i + B_iᵀ) / (2√m), B_i of independent N(0, 1) entries.

    So E‖A(W)‖² = ‖W‖²_F for every symmetric W, whatever m is.
    """
    n, m = whole_number("The size", size, 1), whole_number("The number of measurements", count, 1)
    drawn = generator(seed, Stream.MEASUREMENTS).standard_normal((m, n, n))
    return (drawn + drawn.transpose(0, 2, 1)) / (2 * m**0.5)


def random_entries(
    shape: tuple[int, int], count: int, *, seed: int, exponent: RealNumber = 0.0, symmetric: bool = False
) -> tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"]]:
    """(rows, columns) of `count` different entries, drawn with probability ∝ (i j)^−exponent, i and j from 1.

    An exponent of 0 is uniform; a power law leaves most rows nearly unseen. With `symmetric` only entries on and below
    the diagonal are drawn. Raises `InputError` if there are fewer entries than asked for, and for an exponent that is
    not finite.
    """
    i, j = np.tril_indices(shape[0], m=shape[1]) if symmetric else np.indices(shape).reshape(2, -1)
    number = whole_number("The number of entries", count, 1)
    if number > i.size:
        raise InputError(f"{number} different entries are asked for, but there are {i.size}; ask for fewer.")
    power = real_number("The exponent", exponent)
    # drawing without replacement is taking the largest of log-weights plus Gumbel noise
    keys = generator(seed, Stream.ENTRIES).gumbel(size=i.size) - power * np.log((i + 1.0) * (j + 1.0))
    chosen = np.sort(np.argsort(-keys)[:number])
    return i[chosen].astype(np.int32), j[chosen].astype(np.int32)
