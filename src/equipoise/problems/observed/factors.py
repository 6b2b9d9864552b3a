"""Factors as the compiled code reads them: aligned, with rows of whole vectors."""

import numpy as np
from jaxtyping import DTypeLike, Float

_BYTES = 64  # a vector of the widest instruction set


def padded(rows: int, columns: int, dtype: DTypeLike) -> Float[np.ndarray, "rows padded"]:
    """Zeros, at least `columns` of them in each row."""
    kind = np.dtype(dtype)
    width = -(-columns * kind.itemsize // _BYTES) * _BYTES // kind.itemsize
    size = rows * width * kind.itemsize
    memory = np.zeros(size + _BYTES, np.uint8)
    first = -memory.ctypes.data % _BYTES
    return memory[first : first + size].view(kind).reshape(rows, width)


def padded_copy(factor: Float[np.ndarray, "d k"]) -> Float[np.ndarray, "d padded"]:
    """A factor with zeros beside it, so that its rows are whole vectors."""
    rows, columns = factor.shape
    copy = padded(rows, columns, factor.dtype)
    copy[:, :columns] = factor
    return copy
