"""The leading singular triplets of a large matrix by a randomized block Krylov method that knows its own error.

From a random block of b columns, AᵀQ = P S with orthonormal Q and P and a small triangular S (block Golub-Kahan
bidiagonalization with full reorthogonalization). The triplets (û, σ, v̂) of Sᵀ give u = Q û and v = P v̂, for which

    Aᵀu = σ v exactly,    ‖A v − σ u‖ = ‖L v̂'‖ = ρ,

where L is the small triangle of the next block and v̂' the last b entries of v̂, so that ρ costs no further product.
By Wedin's theorem the product of the leading R triplets is off by at most about

    √(2 Σᵢ σᵢ² min(1, ρᵢ/(σᵢ − σ_{R+1}))²),

which is the bound that decides whether to go on. It holds if no leading triplet was missed altogether. A random block
misses one with probability 0; what it could have missed at most is √(‖A‖² − Σσ²).

Sources: Musco and Musco (2015), Algorithm 2; Halko, Martinsson and Tropp (2011), Section 4; Golub, Luk and Overton
(1981), Section 2, for the block method; Wedin (1972).
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.seeds import generator
from equipoise.problems.seeds import Stream
from equipoise.problems.singular_triplets import Triplets

Block = Float[np.ndarray, "_ _"]

_OVERSAMPLES = 10
_DEPTH = 10
_RESTARTS = 20
_ROUNDING = 1e-14
_WEAK = 1e-6


class Leading(NamedTuple):
    """Leading singular triplets, and how far off they may be.

    - `triplets`: (A, s, B), as many as asked for; those beyond the rank are approximations from below.
    - `norm`: ‖M‖_F.
    - `following`: the singular value number R + 1, 0 if there is none.
    - `residuals`: ρ of the leading R triplets; 0 for a full decomposition.
    - `inaccuracy`: the bound on the distance, in the Frobenius norm, of their product from the best approximation.
    - `products`: the number of products with M or Mᵀ, each with a block of columns.
    """

    triplets: Triplets
    norm: float
    following: float
    residuals: Float[np.ndarray, " rank"]
    inaccuracy: float
    products: int


def by_block_krylov(matrix: Any, rank: int, kept: int, norm: float, accuracy: float) -> Leading:
    """The leading `kept` triplets of a matrix, of which `rank` are right to `accuracy`.

    - `matrix`: dense, or sparse in a form that is quick to multiply.
    - `rank`, `kept`: R, and how many triplets to return.
    - `norm`: ‖M‖_F.
    - `accuracy`: the largest bound, relative to the norm of the product of the leading R triplets. The bound is also
      at most 1e-3 of what the best approximation leaves out, so that its error is right to about 1e-6.
    """
    wide = matrix.shape[0] <= matrix.shape[1]
    operator = matrix if wide else matrix.T
    block = generator(0, Stream.BLOCK).standard_normal((operator.shape[1], rank + _OVERSAMPLES))
    start, products = _orthonormal(operator @ block), 1
    for _ in range(_RESTARTS):
        found, left = _one_cycle(operator, start, rank, kept, norm, accuracy)
        products += found.products
        if found.inaccuracy <= _allowed(found.triplets[1], rank, norm, accuracy):
            break
        start = left
    a, s, b = found.triplets
    return found._replace(triplets=(a, s, b) if wide else (b, s, a), products=products)


def _one_cycle(
    operator: Any, start: Block, rank: int, kept: int, norm: float, accuracy: float
) -> tuple[Leading, Block]:
    """The triplets from a space of at most `_DEPTH` blocks, and the block to begin the next space with."""
    left, right = start, np.empty((operator.shape[1], 0))
    coefficients = np.empty((0, 0))  # S, where AᵀQ = P S
    newest = start
    while True:
        above, fresh, triangle = _extended(right, operator.T @ newest)
        right = np.hstack([right, fresh])
        coefficients = _bordered(coefficients, above, triangle)
        _, newest, rest = _extended(left, operator @ fresh)
        inner_right, values, inner_left = np.linalg.svd(coefficients)
        residuals = np.linalg.norm(rest @ inner_right[-fresh.shape[1] :, :rank], axis=0)
        bound = inaccuracy(values, residuals, rank)
        full = left.shape[1] + newest.shape[1] > min(_DEPTH * start.shape[1], operator.shape[0])
        done = bound <= _allowed(values, rank, norm, accuracy)
        if values.size >= kept and (done or full):
            break
        left = np.hstack([left, newest])
    vectors = left @ inner_left.T[:, : max(kept, start.shape[1])]
    found = (vectors[:, :kept], values[:kept], right @ inner_right[:, :kept])
    products = 2 * coefficients.shape[0] // start.shape[1]
    return Leading(found, norm, float(values[rank]), residuals, bound, products), vectors[:, : start.shape[1]]


def inaccuracy(values: Float[np.ndarray, " k"], residuals: Float[np.ndarray, " rank"], rank: int) -> float:
    """The bound on how far the product of the leading R triplets is from the best approximation, in the unit [M]."""
    following = values[rank] if values.size > rank else 0.0
    leading, gaps = values[:rank], values[:rank] - following
    sines = np.where(residuals < gaps, residuals / np.where(gaps > 0, gaps, 1.0), 1.0)
    return float(np.sqrt(2 * np.sum((leading * np.where(residuals > 0, sines, 0.0)) ** 2)))


def _allowed(values: Float[np.ndarray, " k"], rank: int, norm: float, accuracy: float) -> float:
    """The bound at which to stop; rounding errors stand in the way of less."""
    beyond = max(norm**2 - float(np.sum(values[:rank] ** 2)), float(np.sum(values[rank:] ** 2)), 0.0)
    wanted = min(accuracy * float(np.linalg.norm(values[:rank])), 1e-3 * float(np.sqrt(beyond)))
    return max(wanted, _ROUNDING * np.sqrt(rank) * norm)


def _extended(basis: Block, block: Block) -> tuple[Block, Block, Block]:
    """(C, Q, R) with block = basis C + Q R, where Q is orthonormal and orthogonal to the basis.

    The block is projected twice. If it has nearly lost rank, `_completed` finds Q.
    """
    size = float(np.linalg.norm(block))
    first = basis.T @ block
    block = block - basis @ first
    second = basis.T @ block
    block = block - basis @ second
    fresh, upper = np.linalg.qr(block)
    sizes = np.abs(np.diagonal(upper))
    if sizes.min(initial=1.0) > _WEAK * max(sizes.max(initial=0.0), float(np.max(np.abs(first), initial=0.0))):
        return first + second, fresh, upper
    third, fresh, small = _completed(basis, block, size)
    return first + second + third, fresh, small


def _completed(basis: Block, block: Block, size: float) -> tuple[Block, Block, Block]:
    """The same for a block that has lost rank: what is left beside the basis, up to rounding of `size`, leads Q.

    Random directions fill Q up, and their rows of R are 0. A QR decomposition alone would fill it with vectors that may
    lie in the span of the basis, and count what is there twice.
    """
    directions, values, mixed = np.linalg.svd(block, full_matrices=False)
    rounding = 4 * np.finfo(float).eps * np.sqrt(block.shape[0]) * size
    count = int(np.count_nonzero(values > rounding))
    kept, small = directions[:, :count], values[:count, None] * mixed[:count]
    again = basis.T @ kept
    kept, correction = np.linalg.qr(kept - basis @ again)
    width = block.shape[1]
    filling = generator(0, Stream.BLOCK, basis.shape[1]).standard_normal((block.shape[0], width - count))
    for _ in range(2):  # the second pass removes the rounding error of the first
        for held in (basis, kept):
            filling = filling - held @ (held.T @ filling)
        filling, _ = np.linalg.qr(filling)
    rows = np.vstack([correction @ small, np.zeros((width - count, width))])
    return again @ small, np.hstack([kept, filling]), rows


def _bordered(matrix: Block, above: Block, corner: Block) -> Block:
    """The block matrix [[matrix, above], [0, corner]]."""
    size, added = matrix.shape[0], corner.shape[0]
    return np.block([[matrix, above], [np.zeros((added, size)), corner]])


def _orthonormal(block: Block) -> Block:
    return np.linalg.qr(block)[0]
