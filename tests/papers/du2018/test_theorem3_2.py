"""Theorem 3.2: shares and slopes whose answer is known."""

import numpy as np
import pytest
import xarray as xr

from equipoise.papers.du2018 import theorem3_2
from equipoise.papers.du2018.shared import times


def test_share_that_crosses():
    assert theorem3_2.crossing(0.001) == 1.0
    assert theorem3_2.crossing(0.5) == pytest.approx(2 * np.log(101 / 99) / np.log(3))


def test_slope_of_a_line_is_its_slope():
    x = np.arange(5.0)
    passed = xr.DataArray(3 * x[:, None] + np.array([0.0, 10.0, 20.0]), dims=("dimension", "start"))
    found = times.slope(passed, x)
    assert (found.low, found.estimate, found.high) == pytest.approx((3.0, 3.0, 3.0))
