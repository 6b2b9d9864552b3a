"""The Hessian of the smoothed objective and the covariance of the gradient noise, block by block.

In the coordinates of the singular vectors of M the smoothed minimum is diagonal. The rows of X and Y on the m kept
singular vectors form one block of 2mr coordinates. Every other row is by itself, and its columns, too: a row with σ > 0
couples an entry of X with one of Y, and a row with σ = 0 couples nothing.

The gradient at θ + ξ is a polynomial of degree 3 in the normal numbers of ξ. With the parts of order 1, 2 and 3 in
Hermite polynomials, which are uncorrelated, its covariance is Σ = HDH + Σ₂ + Σ₃, D the covariance of ξ. With
K = Yᵀζ + ζᵀY, ξ on X and ζ on Y, the part of order 2 of the gradient of X is c(X:ζᵀζ: + ξK), and that of order 3 is
c ξ:ζᵀζ:, where :ζᵀζ: = ζᵀζ − E ζᵀζ. Isserlis' theorem gives

    Σ₂[X_ia, X_jb] = c² (s2⁴ d2 ((XXᵀ)_ij δ_ab + X_ib X_ja) + s1² s2² δ_ij ((r+2) G + tr(G) I)_ab),  G = YᵀY,
    Σ₂[X_ia, Y_jb] = c² s1² s2² (X_ia Y_jb + (r+2) X_ib Y_ja),
    Σ₃[X_ia, X_jb] = c² s1² s2⁴ d2 (r+1) δ_ij δ_ab,

and the same with X and Y exchanged.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.theory.stationary.setting import Setting


class Block(NamedTuple):
    """Coordinates that are independent of all others: H, Σ and the step sizes."""

    hessian: Float[np.ndarray, "n n"]
    noise: Float[np.ndarray, "n n"]
    steps: Float[np.ndarray, " n"]


def main_block(of: Setting) -> Block:
    """The rows on the kept singular vectors: X_ia, i < m, a < r, row by row, then Y_ia."""
    m, r, c = of.kept, of.rank, of.factor
    sizes = of.sizes()
    x, y = (np.eye(m, r) * w[:r] for w in sizes)
    residual = np.diag(sizes[0][:m] * sizes[1][:m] - of.values[:m])
    b, a = of.penalties
    same, columns = np.eye(m), np.eye(r)
    hessian = np.zeros((2, m, r, 2, m, r))
    hessian[0, :, :, 0] = _of_rows(same, y.T @ y + b * columns)
    hessian[1, :, :, 1] = _of_rows(same, x.T @ x + a * columns)
    # dX ↦ Eᵀ dX + Y dXᵀ X, and its transpose
    hessian[1, :, :, 0] = np.einsum("ji,ab->iajb", residual, columns) + np.einsum("ib,ja->iajb", y, x)
    hessian[0, :, :, 1] = np.einsum("ij,ab->iajb", residual, columns) + np.einsum("ib,ja->iajb", x, y)
    hessian = c * hessian.reshape(2 * m * r, 2 * m * r)
    first, second = (s**2 for s in of.stds)
    order_2 = np.zeros((2, m, r, 2, m, r))
    for i, (w, v, own, other, d) in enumerate(((x, y, first, second, of.shape[1]), (y, x, second, first, of.shape[0]))):
        squares = other**2 * d * (np.einsum("ij,ab->iajb", w @ w.T, columns) + np.einsum("ib,ja->iajb", w, w))
        order_2[i, :, :, i] = squares + _of_rows(same, _further(v, own, other, d))
    cross = first * second * (np.einsum("ia,jb->iajb", x, y) + (r + 2) * np.einsum("ib,ja->iajb", x, y))
    order_2[0, :, :, 1] = cross
    order_2[1, :, :, 0] = np.einsum("iajb->jbia", cross)
    draws = np.repeat([first, second], m * r)
    noise = hessian @ (draws[:, None] * hessian) + c**2 * order_2.reshape(hessian.shape)
    return Block(hessian, noise, np.repeat(of.steps, m * r))


def other_row(of: Setting, value: float, column: int) -> Block:
    """Entry `column` of the rows of X and Y on a singular vector with σ = `value` that is not kept."""
    c, (b, a) = of.factor, of.penalties
    x, y = (w[column] for w in of.sizes())
    hessian = c * np.array([[y**2 + b, -value], [-value, x**2 + a]])
    first, second = (s**2 for s in of.stds)
    order_2 = [
        float(_further(np.diag(w), own, other, d)[column, column])
        for w, own, other, d in zip(of.sizes()[::-1], (first, second), (second, first), of.shape[::-1], strict=True)
    ]
    noise = hessian @ np.diag([first, second]) @ hessian + c**2 * np.diag(order_2)
    return Block(hessian, noise, np.array(of.steps))


def _further(w: np.ndarray, own: float, other: float, size: int) -> np.ndarray:
    """The part of Σ₂ + Σ₃ that is alike in every row, without c², for a factor whose partner W has `size` rows."""
    r, gram = w.shape[1], w.T @ w
    return own * other * ((r + 2) * gram + np.trace(gram) * np.eye(r)) + own * other**2 * size * (r + 1) * np.eye(r)


def _of_rows(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ab->iajb", rows, columns)
