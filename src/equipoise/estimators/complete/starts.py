"""Starts whose numbers belong to ids: those of permuted rows are permuted, those of a transposed table transposed."""

import hashlib

import numpy as np
from jaxtyping import Float64, UInt64

from equipoise.core.keyed import keys_of, standard_normal, uniform
from equipoise.core.seeds import generator
from equipoise.datasets import Triplets
from equipoise.estimators.complete.seeds import Tag


def side_keys(training: Triplets, seed: int, tag: int) -> tuple[UInt64[np.ndarray, " d1"], UInt64[np.ndarray, " d2"]]:
    """A key for each row and each column.

    Rows and columns have streams of their own, or a symmetric table would get a symmetric start, from which gradient
    descent finds no negative eigenvalue. `rows_first` tells whose is the first, in the transposed table the same.
    """
    first = rows_first(training)
    return (
        keys_of(training.row_ids, seed, tag if first else tag + 1),
        keys_of(training.column_ids, seed, tag + 1 if first else tag),
    )


def rows_first(training: Triplets) -> bool:
    """Whether the rows come before the columns in an order that the transposed table has too, and permuted ones.

    The shorter side comes first; of equal ones that with the lesser hash of its ids; then the entries decide.
    """
    d1, d2 = training.shape
    if d1 != d2:
        return d1 < d2
    of_ids = [_hash_of_all(ids) for ids in (training.row_ids, training.column_ids)]
    if of_ids[0] != of_ids[1]:
        return of_ids[0] < of_ids[1]
    some, others = (
        (uniform(keys_of(training.row_ids, 0, tag)), uniform(keys_of(training.column_ids, 0, 1 - tag)))
        for tag in (0, 1)
    )
    sums = [float(np.sum(training.values * x[training.rows] * y[training.columns])) for x, y in (some, others)]
    return sums[0] <= sums[1]


def _hash_of_all(ids: np.ndarray) -> bytes:
    return hashlib.blake2b("\n".join(sorted(map(str, ids.tolist()))).encode("utf-8", "surrogatepass")).digest()


def start_of(
    training: Triplets, *, width: int, depth: int, norm: float, seed: int
) -> tuple[Float64[np.ndarray, "d1 width"], list[Float64[np.ndarray, "width width"]], Float64[np.ndarray, "d2 width"]]:
    """(X, middle factors from left to right, Y): Gaussian directions, each of the Frobenius norm `norm`."""
    x, y = (standard_normal(keys, width) for keys in side_keys(training, seed, Tag.start))
    middles = list(generator(seed, Tag.middle).standard_normal((depth - 2, width, width)))
    if not rows_first(training):
        middles = [middle.T for middle in reversed(middles)]
    return _of_norm(x, norm), [_of_norm(middle, norm) for middle in middles], _of_norm(y, norm)


def _of_norm(direction: Float64[np.ndarray, "d k"], norm: float) -> Float64[np.ndarray, "d k"]:
    return direction * (norm / np.linalg.norm(direction))
