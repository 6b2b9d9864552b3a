"""Extremes that pass over nothing."""

import numpy as np
import xarray as xr

from equipoise.papers.machinery.extremes import largest, smallest

VALUES = xr.DataArray([[3.0, 1.0], [2.0, np.nan]], dims=("a", "b"))


def test_nan_stays():
    assert np.isnan(largest(VALUES))
    assert np.isnan(smallest(VALUES))


def test_where_selects():
    assert (largest(VALUES, VALUES > 0), smallest(VALUES, VALUES > 0)) == (3.0, 1.0)
    assert largest(VALUES, VALUES < 3) == 2.0


def test_none_is_nan():
    assert np.isnan(largest(VALUES, VALUES > 5))
