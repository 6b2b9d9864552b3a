"""The range that predictions of an estimator are clipped to."""

from typing import Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.datasets import Triplets
from equipoise.estimators.complete.limits import Limits, limits_of


def clip_range(clip: Any, entries: Triplets) -> Limits | None:
    """(low, high), or None for no clipping; "auto" finds the range of ratings, as `complete` does.

    Raises `InputError` for what is no range.
    """
    if clip is None:
        return None
    if isinstance(clip, str) and clip == "auto":
        return limits_of(entries, None)
    if isinstance(clip, str) or np.shape(clip) != (2,):
        raise InputError(f"clip is {excerpt(str(clip))}; give a pair (low, high), 'auto', or None.")
    return limits_of(entries, (clip[0], clip[1]))
