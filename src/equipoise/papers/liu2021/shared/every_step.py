"""Runs of which every step is recorded, kept at fewer steps together with the extremes in between."""

import numpy as np
import xarray as xr


def largest_between(path: xr.DataArray, every: int) -> xr.DataArray:
    """The largest value of each `every` steps: at step k, of the steps k − `every` + 1 to k; at step 0 its own.

    - `path`: values with dims (replicate, step) at all steps from 0 to a multiple of `every`. NaN is passed on.
    - `every`: the number of steps together.
    """
    values = path.transpose("replicate", "step").values
    blocks = values[:, 1:].reshape(values.shape[0], -1, every).max(axis=2)
    kept = thinned(path, every).transpose("replicate", "step")
    return kept.copy(data=np.concatenate([values[:, :1], blocks], axis=1))


def smallest_between(path: xr.DataArray, every: int) -> xr.DataArray:
    """The smallest value of each `every` steps, like `largest_between`."""
    return (-largest_between(-path, every)).assign_attrs(path.attrs)


def thinned(path: xr.DataArray, every: int) -> xr.DataArray:
    """Every `every`-th step."""
    return path.isel(step=slice(None, None, every))


def distances(data: xr.Dataset) -> xr.DataArray:
    """The larger of ‖x − u*‖ and ‖y − v*‖, up to a common sign, from a recording at rank 1 of the projections."""
    sign = np.sign(data["alignment"])
    x = np.hypot(data["on_signal_x"] - 1, data["off_signal_x"])
    y = np.hypot(sign * data["on_signal_y"] - 1, data["off_signal_y"])
    described = {"long_name": "distance to the optimum", "formula": "max(‖x − u*‖, ‖y − v*‖)", "units": "1"}
    return np.maximum(x, y).assign_attrs(described)
