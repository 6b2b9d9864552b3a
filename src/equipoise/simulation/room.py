"""How many looks one call may make."""

from typing import Any

import jax
import numpy as np

MOST_LOOKS = 128
"""The largest number of looks in one call."""
_MOST_BYTES = 2**27


def room_for(kept: Any) -> int:
    """The number of looks in one call if each keeps arrays of these shapes and types."""
    size = sum(leaf.size * np.dtype(leaf.dtype).itemsize for leaf in jax.tree.leaves(kept))
    return int(np.clip(_MOST_BYTES // max(size, 1), 1, MOST_LOOKS))
