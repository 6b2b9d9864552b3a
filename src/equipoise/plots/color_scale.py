"""From values to colors: a map for magnitudes, and a diverging one about a reference value."""

from typing import NamedTuple

import numpy as np
from matplotlib.colors import CenteredNorm, LogNorm, Normalize

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber

MAGNITUDES = "cividis"
ABOUT_A_REFERENCE = "PuOr"
"""Color-blind readers can tell both ends of it apart, and its middle is white."""


class ColorScale(NamedTuple):
    """The name of a color map, and from values to places on it."""

    colors: str
    norm: Normalize


def color_scale(
    values: np.ndarray,
    reference: RealNumber | None,
    logarithmic: bool,
    limits: tuple[RealNumber, RealNumber] | None,
) -> ColorScale:
    """The scale of the finite values; on a logarithmic scale, of the positive ones.

    Raises `InputError` for a logarithmic scale without a positive value, reference or limit, and for limits that do not
    rise.
    """
    finite = values[np.isfinite(values)]
    shown = finite[finite > 0] if logarithmic else finite
    given = [float(value) for value in (*(limits or ()), *(() if reference is None else (reference,)))]
    if logarithmic and (min(given, default=1.0) <= 0 or (finite.size and not shown.size)):
        raise InputError("A logarithmic color scale needs positive values; draw it with color='linear'.")
    low, high = _ends(shown, limits)
    if reference is not None:
        norm = _about(float(reference), low, high, logarithmic)
    else:
        norm = LogNorm(low, high) if logarithmic else Normalize(low, high)
    return ColorScale(MAGNITUDES if reference is None else ABOUT_A_REFERENCE, norm)


def _ends(shown: np.ndarray, limits: tuple[RealNumber, RealNumber] | None) -> tuple[float, float]:
    if limits is not None:
        low, high = float(limits[0]), float(limits[1])
        if not low < high:
            raise InputError(f"The limits of the colors are {low:g} and {high:g}; the second must be greater.")
        return low, high
    return (float(shown.min()), float(shown.max())) if shown.size else (1.0, 1.0)


def _about(reference: float, low: float, high: float, logarithmic: bool) -> Normalize:
    """As far on one side of the reference as on the other."""
    if logarithmic:
        factor = max(high / reference, reference / low, 1.001)
        return LogNorm(reference / factor, reference * factor)
    return CenteredNorm(reference, max(high - reference, reference - low) or 1.0)


def beyond(shown: np.ndarray, low: float | None, high: float | None) -> str:
    """Whether values lie beyond an end of the scale, as a color bar's `extend`: "neither", "min", "max" or "both"."""
    if not shown.size or low is None or high is None:
        return "neither"
    width = 1e-9 * (high - low)
    under, over = bool(shown.min() < low - width), bool(shown.max() > high + width)
    return {(False, False): "neither", (True, False): "min", (False, True): "max"}.get((under, over), "both")
