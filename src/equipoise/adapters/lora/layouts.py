"""Factors as matrices: A (r x n) and B (m x r) from the shapes that files store, and back, with an axis of experts.

| stored | A | B |
| --- | --- | --- |
| linear, embedding | (r, n) | (m, r) |
| convolution | (r, channels, window…) | (m, r, 1…) |
| experts (`target_parameters` of peft) | (E·r, n), expert by expert | (m, r·E), column by column |
"""

import numpy as np
from jaxtyping import Float64

from equipoise.core.errors import InputError

Down = Float64[np.ndarray, "experts rank inputs"]
Up = Float64[np.ndarray, "experts outputs rank"]


def rank_in(down: tuple[int, ...], up: tuple[int, ...], place: str) -> int:
    """The number of rows of A, over all experts; raises `InputError`, with `place` in it, if the shapes do not fit."""
    if len(down) < 2 or len(up) < 2 or 0 in (*down, *up) or down[0] != up[1] or up[2:] != (1,) * (len(up) - 2):
        raise InputError(
            f"{place} has A of shape {down} and B of shape {up}; they need (r, n, …) and (m, r, 1, …) with the same r, "
            "and a convolution one group."
        )
    return down[0]


def matrices(down: np.ndarray, up: np.ndarray, experts: int) -> tuple[Down, Up]:
    """A (E, r, n) and B (E, m, r) from the stored tensors."""
    rows = down.shape[0] // experts
    a = down.reshape(experts, rows, -1)
    b = np.moveaxis(up.reshape(up.shape[0], rows, experts), -1, 0)
    return np.ascontiguousarray(a), np.ascontiguousarray(b)


def stored(
    a: Down, b: Up, down_shape: tuple[int, ...], up_shape: tuple[int, ...]
) -> tuple[Float64[np.ndarray, "..."], Float64[np.ndarray, "..."]]:
    """The tensors to store: the shapes are those that were read, and only their rank changes."""
    experts, rank, _ = a.shape
    up = np.moveaxis(b, 0, -1).reshape(b.shape[1], rank * experts, *up_shape[2:])
    return a.reshape(experts * rank, *down_shape[1:]), up
