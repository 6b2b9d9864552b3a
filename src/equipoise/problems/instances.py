"""Random parts of instances with a known solution: orthonormal columns, measurement matrices, observed entries."""

import numpy as np
from jaxtyping import Float, Int

from equipoise.core.checks import real_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.seeds import generator
from equipoise.core.types import RealNumber
from equipoise.problems.seeds import Stream


def orthonormal(rows: int, columns: int, seed: int | None, stream: Stream) -> Float[np.ndarray, "rows columns"]:
    """Columns of the identity; with a seed, of a Haar-distributed orthogonal matrix from the stream of that seed."""
    if seed is None:
        return np.eye(rows, columns)
    q, r = np.linalg.qr(generator(seed, stream).standard_normal((rows, columns)))
    return q * np.sign(np.diag(r))


def gaussian_measurements(size: int, count: int, *, seed: int) -> Float[np.ndarray, "m n n"]:
    """m random symmetric matrices A_i = (B_i + B_iᵀ) / (2√m), where B_i (n x n) has independent N(0, 1) entries.

    - `size`: n.
    - `count`: m.
    - `seed`: the seed of the B_i.

    The scaling makes E‖A(W)‖² = ‖W‖²_F for every symmetric W and every m. Raises `InputError` for sizes below 1.
    """
    n, m = whole_number("The size", size, 1), whole_number("The number of measurements", count, 1)
    drawn = generator(seed, Stream.MEASUREMENTS).standard_normal((m, n, n))
    return (drawn + drawn.transpose(0, 2, 1)) / (2 * m**0.5)


def random_entries(
    shape: tuple[int, int], count: int, *, seed: int, exponent: RealNumber = 0.0, symmetric: bool = False
) -> tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"]]:
    """The (rows, columns) of m different random entries, entry (i, j) with probability ∝ (i j)^−exponent, i, j from 1.

    - `shape`: (d1, d2) of the matrix.
    - `count`: m.
    - `seed`: the seed of the draw.
    - `exponent`: 0 (the default) draws uniformly; a larger exponent leaves most rows almost unobserved.
    - `symmetric`: whether to draw only entries on and below the diagonal; False by default.

    The indices returned are counted from 0. Raises `InputError` if the matrix has fewer than m entries, and for an
    exponent that is not finite.
    """
    i, j = np.tril_indices(shape[0], m=shape[1]) if symmetric else np.indices(shape).reshape(2, -1)
    number = whole_number("The number of entries", count, 1)
    if number > i.size:
        raise InputError(f"{number} different entries are asked for, but there are only {i.size}; ask for fewer.")
    power = real_number("The exponent", exponent)
    # the largest of log-weights plus Gumbel noise are a weighted draw without replacement
    keys = generator(seed, Stream.ENTRIES).gumbel(size=i.size) - power * np.log((i + 1.0) * (j + 1.0))
    chosen = np.sort(np.argsort(-keys)[:number])
    return i[chosen].astype(np.int32), j[chosen].astype(np.int32)
