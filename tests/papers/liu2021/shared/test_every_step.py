"""Runs recorded at every step: their extremes between looks, and distances up to a common sign."""

import numpy as np
import pytest
import xarray as xr

from equipoise.papers.liu2021.shared.every_step import distances, largest_between, smallest_between, thinned


@pytest.fixture
def path():
    values = np.array([[9.0, 1, 5, 2, 3, 8, 4], [0.0, -1, -2, 7, 6, 5, np.nan]])
    return xr.DataArray(values, dims=("replicate", "step"), coords={"step": range(7)})


def test_each_block_ends_at_a_recorded_step(path):
    largest, smallest = largest_between(path, 3), smallest_between(path, 3)
    assert largest["step"].values.tolist() == thinned(path, 3)["step"].values.tolist() == [0, 3, 6]
    assert largest.values[0].tolist() == [9, 5, 8]
    assert smallest.values[0].tolist() == [9, 1, 3]
    assert largest.values[1, :2].tolist() == [0, 7]


def test_a_nan_is_passed_on(path):
    assert np.isnan(largest_between(path, 3).values[1, 2])
    assert np.isnan(smallest_between(path, 3).values[1, 2])


@pytest.mark.parametrize(("alignment", "expected"), [(0.9, 0.5), (-0.9, 4.25**0.5)])
def test_distances_are_up_to_a_common_sign(alignment, expected):
    """x = 0.9 u*, and y = ±v* with a part of ½ off the signal, or of the other sign, where y is √(2² + ½²) away."""
    parts = {"alignment": alignment, "on_signal_x": 0.9, "off_signal_x": 0.0, "on_signal_y": 1.0, "off_signal_y": 0.5}
    assert float(distances(xr.Dataset(parts))) == pytest.approx(expected)
