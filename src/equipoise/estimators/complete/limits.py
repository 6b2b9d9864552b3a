"""The range that predictions are clipped to."""

import numpy as np

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.datasets import Triplets

Limits = tuple[float, float]
"""(least, greatest) prediction, in the unit of the entries."""

WIDEST = 10.0
"""The widest range of ratings."""
_OF_EACH = 10  # entries for each possible rating, on average, at least


def limits_of(training: Triplets, clip: tuple[RealNumber, RealNumber] | bool | None) -> Limits | None:
    """The range to clip to: the one given; if True the one seen; if None the one seen if the entries are ratings.

    Entries are ratings if all are whole numbers, or all halves of whole numbers, in a range of at most `WIDEST`, with
    at least 10 entries for each possible one on average. Raises `InputError` for what is no range.
    """
    if isinstance(clip, bool) or clip is None:
        seen = float(training.values.min()), float(training.values.max())
        return seen if clip or (clip is None and are_ratings(training)) else None
    try:
        least, most = clip
    except (TypeError, ValueError):
        raise InputError(f"clip is {clip}; give the least and the greatest prediction, or True or False.") from None
    least, most = real_number("The least value of clip", least), real_number("The greatest value of clip", most)
    if not least < most:
        raise InputError(f"clip is from {least:g} to {most:g}; give the lesser number first.")
    return least, most


def are_ratings(training: Triplets) -> bool:
    """Whether the entries are whole numbers, or halves of them, in a small range, each about ten times."""
    values = training.values
    width = float(values.max() - values.min())
    if not 0 < width <= WIDEST:
        return False
    grid = next((step for step in (1.0, 0.5) if np.all(np.mod(values, step) == 0)), None)
    return grid is not None and values.size >= _OF_EACH * (width / grid + 1)
