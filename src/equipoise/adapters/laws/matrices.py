"""Laws that hold not only channel by channel, but for whole matrices Σ c_k W_k W_kᵀ."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from equipoise.adapters.arithmetic import Library, Tensor, norm
from equipoise.adapters.laws.columns import Column
from equipoise.adapters.laws.law import Law

Rows = Float[np.ndarray, "channels entries"]
RowsOf = Callable[[Column], tuple[Rows, Rows]]
"""The entries of each channel of a column as a row: of the weights, and of the gradients."""


def with_matrices(laws: Sequence[Law], rows_of: RowsOf, most: int, tolerance: float) -> tuple[Law, ...]:
    """The laws, with the widest blocks of channels in which Σ c_k W_k W_kᵀ is kept as a whole."""
    return tuple(
        dataclasses.replace(law, matrix=_block(law, rows_of, tolerance)) if _may_extend(law, most) else law
        for law in laws
    )


def _may_extend(law: Law, most: int) -> bool:
    plain = all(len(c.axes) == 1 and len(c.split) == 1 and c.picked is None for c in law.columns)
    return plain and 1 < law.width <= most and not law.is_approximate and not law.is_invariance


def _block(law: Law, rows_of: RowsOf, tolerance: float) -> int:
    """The widest block, from the derivative Σ c_k (W_k ∂W_kᵀ + ∂W_k W_kᵀ) and its size by chance."""
    rate = np.zeros((law.width, law.width))
    size = np.zeros((law.width, law.width))
    for c, column in zip(law.coefficients, law.columns, strict=True):
        weight, slope = rows_of(column)
        rate += c * (weight @ slope.T + slope @ weight.T)
        size += c**2 * (weight**2 @ (slope**2).T + slope**2 @ (weight**2).T)
    size += 1e-6 * size.max(initial=0.0) + np.finfo(float).tiny
    kept = rate**2 <= (10 * tolerance) ** 2 * size
    for block in (d for d in range(law.width, 1, -1) if law.width % d == 0):
        own = np.kron(np.eye(law.width // block, dtype=bool), np.ones((block, block), dtype=bool))
        if kept[own].all():
            return block
    return 0


def block_matrices(library: Library, laws: Sequence[Law], weights: Mapping[str, Tensor]) -> list[Tensor]:
    """D = Σ c_k W_k W_kᵀ of each matrix law, as (blocks, width of a block, width of a block)."""
    return [
        law.combined([_squares(library, column, weights[column.parameter], law.matrix) for column in law.columns])
        for law in laws
    ]


def matrix_sizes(matrices: Sequence[Tensor], start: Sequence[Tensor]) -> list[Tensor]:
    """‖D‖_F and ‖D − D_start‖_F of each matrix law in turn, each as a vector of one number."""
    return [size for now, then in zip(matrices, start, strict=True) for size in (norm(now), norm(now - then))]


def _squares(library: Library, column: Column, weight: Tensor, block: int) -> Tensor:
    """W Wᵀ in blocks, where the rows of W are the channels of the column."""
    along = library.gathered(weight).swapaxes(0, column.axes[0])[column.start : column.start + column.length]
    rows = library.widened(along).reshape(column.length // block, block, -1)
    return rows @ rows.swapaxes(1, 2)
