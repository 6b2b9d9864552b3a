"""The smallest singular values of a tall matrix with many columns, and their vectors, without all the others."""

import numpy as np
import scipy.linalg
from jaxtyping import Float

_FIRST, _SWEEPS, _REFINEMENTS, _POWERS = 32, 3, 2, 30


def smallest_singular(
    system: Float[np.ndarray, "equations terms"], tolerance: float
) -> tuple[Float[np.ndarray, " some"], Float[np.ndarray, "laws terms"]]:
    """The largest singular value and the smallest ones, divided by the first, and a basis of those up to `tolerance`.

    A block of vectors is iterated with the inverse of AᵀA, whose Cholesky factor costs a small part of what all
    singular values do. The Gram matrix knows them to 1e-8 alone, so each vector is then corrected by −(AᵀA)⁻¹Aᵀ(Av), as
    in iterative refinement, and the values are those of A on the block. The block grows until it has values above the
    tolerance.
    """
    terms = system.shape[1]
    gram = system.T @ system
    first = _largest(gram)
    shift = 10 * terms * np.finfo(float).eps * first
    factor = scipy.linalg.cho_factor(gram + shift * np.eye(terms), lower=True, overwrite_a=True, check_finite=False)
    random = np.random.default_rng(0)
    size = min(_FIRST, terms)
    while True:
        block = random.standard_normal((terms, size))
        for _ in range(_SWEEPS):
            block = np.linalg.qr(scipy.linalg.cho_solve(factor, block, check_finite=False))[0]
        values, block = _on_block(system, block)
        for _ in range(_REFINEMENTS):
            null = values <= 1e-6 * np.sqrt(first)
            fixed = block[:, null]
            fixed = fixed - scipy.linalg.cho_solve(factor, system.T @ (system @ fixed), check_finite=False)
            values, block = _on_block(system, np.linalg.qr(np.hstack([fixed, block[:, ~null]]))[0])
        relative = values / np.sqrt(first)
        if size == terms or np.count_nonzero(relative > 1e-6) >= size // 4:
            return np.concatenate([[1.0], relative]), block[:, relative <= tolerance].T
        size = min(2 * size, terms)


def _on_block(
    system: Float[np.ndarray, "equations terms"], block: Float[np.ndarray, "terms size"]
) -> tuple[Float[np.ndarray, " size"], Float[np.ndarray, "terms size"]]:
    """The singular values of the system on the span of the block, descending, and the block turned to their vectors."""
    triangle = scipy.linalg.qr(system @ block, mode="r", check_finite=False)[0][: block.shape[1]]
    _, values, right = scipy.linalg.svd(triangle, check_finite=False)
    return values, block @ right.T


def _largest(gram: Float[np.ndarray, "terms terms"]) -> float:
    """The largest eigenvalue, by the power method: good to a few percent, which is all that a scale needs."""
    vector = np.ones(len(gram)) / np.sqrt(len(gram)) + np.random.default_rng(1).standard_normal(len(gram)) / len(gram)
    for _ in range(_POWERS):
        vector = gram @ vector
        size = float(np.linalg.norm(vector))
        if size == 0:
            return 1.0
        vector /= size
    return size
