"""The cells of a grid along one axis: where they begin and end, on a linear or a logarithmic axis."""

from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from equipoise.core.errors import InputError

_EVEN = 1e-6
"""Spacings that differ by less than this share of their mean are even."""


class Cells(NamedTuple):
    """The cells along one axis."""

    centers: Float[np.ndarray, " n"]
    """The values of the coordinate in rising order; 0, 1, 2, … if they are names."""
    edges: Float[np.ndarray, " n+1"]
    """Where the cells begin and end, in the unit of the centers."""
    logarithmic: bool
    """Whether the cells are even, or less uneven, on a logarithmic axis."""
    names: tuple[str, ...]
    """The names in place of numbers, if the coordinate has names; empty otherwise."""

    def fine(self, count: int = 240) -> Float[np.ndarray, " count"]:
        """Values from the first edge to the last, even on the axis."""
        return (np.geomspace if self.logarithmic else np.linspace)(self.edges[0], self.edges[-1], count)


def cells(coordinate: xr.DataArray, logarithmic: bool | None = None) -> Cells:
    """The cells around the values of a coordinate: an edge is halfway between two values, as the axis shows it.

    - `coordinate`: n numbers in rising order, or n names.
    - `logarithmic`: whether the axis is logarithmic; by default it is if the ratios of neighbors are more even than
      their differences.

    Raises `InputError` for values that are not finite or occur twice, and for a logarithmic axis with values ≤ 0.
    """
    if coordinate.dtype.kind not in "iufb":
        places = np.arange(coordinate.size, dtype=float)
        return Cells(places, _edges(places), False, tuple(str(name) for name in coordinate.values))
    values = np.asarray(coordinate, float)
    if not np.isfinite(values).all() or (np.diff(values) <= 0).any():
        raise InputError(f"The values of {coordinate.name} must be finite and different, but are {values.tolist()}.")
    if logarithmic and values[0] <= 0:
        raise InputError(f"{coordinate.name} has the value {values[0]:g}, which no logarithmic axis can show.")
    chosen = is_geometric(values) if logarithmic is None else logarithmic
    return Cells(values, np.exp(_edges(np.log(values))) if chosen else _edges(values), chosen, ())


def is_geometric(values: Float[np.ndarray, " n"]) -> bool:
    """Whether at least three positive, rising values are spaced by factors rather than by differences."""
    if values.size < 3 or values[0] <= 0:
        return False
    return _unevenness(np.log(values)) + _EVEN < _unevenness(values)


def _unevenness(values: np.ndarray) -> float:
    steps = np.diff(values)
    return float(np.std(steps) / np.mean(steps))


def _edges(values: np.ndarray) -> np.ndarray:
    """Halfway between neighbors; the outer cells are as wide on both sides of their values, and a single one is 1."""
    if values.size == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    inner = (values[:-1] + values[1:]) / 2
    return np.concatenate([[2 * values[0] - inner[0]], inner, [2 * values[-1] - inner[-1]]])
