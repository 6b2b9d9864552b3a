"""Whole numbers, and nothing that only looks like one."""

import math

import numpy as np
import pytest

import equipoise as eq
from equipoise.core.checks import whole_number


@pytest.mark.parametrize("value", [3, 3.0, np.int32(3), np.uint8(3), np.float32(3.0), np.array(3)])
def test_whole_numbers(value):
    number = whole_number("steps", value, 0)
    assert number == 3
    assert type(number) is int


@pytest.mark.parametrize("value", [2.5, math.nan, math.inf, "3", None, True, np.array([3]), 3 + 0j, -1, [3]])
def test_everything_else(value):
    with pytest.raises(eq.InputError, match=r"^steps is .*; it must be a whole number, 0 or greater\.$"):
        whole_number("steps", value, 0)


def test_bounds():
    assert whole_number("seed", 5, 0, 5) == 5
    with pytest.raises(eq.InputError, match=r"^seed is 6; it must be a whole number, from 0 to 5\.$"):
        whole_number("seed", 6, 0, 5)
