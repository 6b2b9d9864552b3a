"""The range that predicted ratings are clipped to."""

from typing import Any

import numpy as np
from jaxtyping import Float64

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt

_WIDEST = 10
"""The widest range of whole numbers that is taken for a scale."""


def clip_range(clip: Any, values: Float64[np.ndarray, " entries"]) -> tuple[float, float] | None:
    """(low, high), or None for no clipping; "auto" finds the scale of whole numbers, if there is one.

    Raises `InputError` for what is no range.
    """
    if clip is None:
        return None
    low, high = float(values.min()), float(values.max())
    if isinstance(clip, str) and clip == "auto":
        return (low, high) if high - low <= _WIDEST and (values == np.floor(values)).all() else None
    if isinstance(clip, str) or np.shape(clip) != (2,):
        raise InputError(f"clip is {excerpt(str(clip))}; give a pair (low, high), 'auto', or None.")
    low, high = real_number("The low end of clip", clip[0]), real_number("The high end of clip", clip[1])
    if low >= high:
        raise InputError(f"clip is ({low:g}, {high:g}); give the smaller number first.")
    return low, high
