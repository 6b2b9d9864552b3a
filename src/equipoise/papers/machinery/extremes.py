"""The extremes of measured values; a NaN is never ignored."""

import numpy as np
import xarray as xr


def _values(array: xr.DataArray, where: xr.DataArray | None) -> np.ndarray:
    """The values, or those where `where` is true, as a vector; NaN if there are none."""
    values = np.asarray(array, float) if where is None else np.asarray(array, float)[np.asarray(where)]
    return values.ravel() if values.size else np.array([np.nan])


def largest(array: xr.DataArray, where: xr.DataArray | None = None) -> float:
    """The largest value, among those at `where` if given; NaN if one of them is NaN or there are none."""
    return float(np.max(_values(array, where)))


def smallest(array: xr.DataArray, where: xr.DataArray | None = None) -> float:
    """The smallest value, among those at `where` if given; NaN if one of them is NaN or there are none."""
    return float(np.min(_values(array, where)))
