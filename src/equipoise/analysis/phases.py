"""The phases of recorded paths."""

import numpy as np
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber


def first_passage(
    path: xr.DataArray, *, below: RealNumber | None = None, above: RealNumber | None = None
) -> xr.DataArray:
    """The first recorded step at which `path` is below (or above) a bound, per replicate; NaN if it never is.

    - `path`: a recorded variable with dim step.
    - `below`: the bound to fall below.
    - `above`: the bound to exceed.

    Raises `InputError` unless exactly one bound is given.
    """
    if (below is None) == (above is None):
        raise InputError("first_passage needs exactly one bound; give below= or above=.")
    passed = path < below if below is not None else path > (above or 0.0)
    first = path["step"].isel(step=passed.argmax("step")).drop_vars("step").astype(float)
    return first.where(passed.any("step"))


def since(data: xr.Dataset, step: int) -> xr.Dataset:
    """The values recorded at `step` and later.

    - `data`: a dataset with dim step.
    - `step`: the first step to keep.
    """
    return data.sel(step=slice(step, None))


def exponential_average(path: xr.DataArray, decay: RealNumber) -> xr.DataArray:
    """m₀ = p₀, m_k = decay · m_{k−1} + (1 − decay) · p_k along the recorded steps.

    - `path`: p, a recorded variable with dim step.
    - `decay`: the weight of the previous average, from 0 to 1.
    """
    axis = path.get_axis_num("step")
    values = np.moveaxis(np.asarray(path, dtype=float), axis, 0)
    smooth = np.empty_like(values)
    smooth[0] = values[0]
    for k in range(1, len(values)):
        smooth[k] = decay * smooth[k - 1] + (1 - decay) * values[k]
    return path.copy(data=np.moveaxis(smooth, 0, axis))
