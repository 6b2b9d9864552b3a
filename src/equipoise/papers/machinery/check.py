"""What is measured: the data of a claim, and checks of one number each."""

import dataclasses
from collections.abc import Mapping
from typing import SupportsFloat

import xarray as xr

Data = Mapping[str, xr.Dataset]
"""The stored data of a claim, by name: each Dataset becomes a file, and checks and figures use nothing else."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One measured number against its expected value, made by `near`, `at_most` or `at_least`.

    - `name`: what was measured, in words. Results are stored under it, so no two checks of a claim may share a name.
    - `measured`: the number.
    - `expected`: the number it should be near, or its bound as text, such as "≤ 0.1".
    - `tolerance`: the largest distance from `expected`; None if that is a bound.
    - `holds`: whether the check holds.
    """

    name: str
    measured: float
    expected: float | str
    tolerance: float | None
    holds: bool


def near(name: str, measured: SupportsFloat, expected: SupportsFloat, tolerance: SupportsFloat) -> Check:
    """A check that holds if |measured − expected| ≤ tolerance; never for NaN.

    - `name`: what was measured, in words.
    - `measured`: a number, or an array of one number; so are the next two.
    - `expected`: the expected value, in the same unit.
    - `tolerance`: the largest distance from it; 0 requires equality.
    """
    measured, expected, tolerance = float(measured), float(expected), float(tolerance)
    return Check(name, measured, expected, tolerance, bool(abs(measured - expected) <= tolerance))


def at_most(name: str, measured: SupportsFloat, bound: SupportsFloat) -> Check:
    """A check that holds if measured ≤ bound; never for NaN.

    - `name`: what was measured, in words.
    - `measured`: a number, or an array of one number; so is the next.
    - `bound`: the largest value allowed, in the same unit.
    """
    measured, bound = float(measured), float(bound)
    return Check(name, measured, f"≤ {bound:.4g}", None, bool(measured <= bound))


def at_least(name: str, measured: SupportsFloat, bound: SupportsFloat) -> Check:
    """A check that holds if measured ≥ bound; never for NaN.

    - `name`: what was measured, in words.
    - `measured`: a number, or an array of one number; so is the next.
    - `bound`: the smallest value allowed, in the same unit.
    """
    measured, bound = float(measured), float(bound)
    return Check(name, measured, f"≥ {bound:.4g}", None, bool(measured >= bound))
