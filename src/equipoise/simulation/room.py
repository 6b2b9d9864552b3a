"""How many looks one call may make."""

from typing import Any

import jax
import numpy as np

MOST_LOOKS = 128
"""The largest number of looks in one call."""
_MOST_BYTES = 2**27


def room_for(kept: Any, most_bytes: int = _MOST_BYTES) -> int:
    """The number of looks in one call if each keeps arrays of these shapes and types, of `most_bytes` bytes in all."""
    size = sum(leaf.size * np.dtype(leaf.dtype).itemsize for leaf in jax.tree.leaves(kept))
    return int(np.clip(most_bytes // max(size, 1), 1, MOST_LOOKS))
