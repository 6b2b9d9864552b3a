"""What a claim is: a statement with its source, an experiment, checks on its data, and a figure drawn from the data."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, SupportsFloat

import xarray as xr
from matplotlib.figure import Figure

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


@dataclasses.dataclass(frozen=True)
class Claim:
    """One claim of a paper, and how it is tested.

    - `id`: its name among the paper's claims, such as "figure2". Files are named after it.
    - `source`: its place in the paper.
    - `statement`: the claim, in our words.
    - `run`: `run(quick, seed)` makes the data. `quick` asks for a shorter form, for tests; all random numbers follow
      from `seed`.
    - `check`: `check(data)` returns the checks. It sees the data as read back from disk.
    - `draw`: `draw(data)` makes the figure from the same data; None, the default, for no figure.
    - `choices`: what the paper leaves open, and what was chosen; "" by default.
    - `false_alarm`: how often the checks fail over fresh seeds, as measured; "", the default, if nothing is random.
    - `prepare`: `prepare(quick)` finds what the run needs, such as a data set, and raises `InputError` if it is
      missing. It is called before any claim is run. None, the default, if the run needs nothing.
    - `shares`: the id of an earlier claim, run in the same process, whose results or compiled programs this one reuses;
      "" by default.

    All functions must be importable by name in another process, so none of them may be a lambda.
    """

    id: str
    source: str
    statement: str
    run: Callable[[bool, int], Data]
    check: Callable[[Data], list[Check]]
    draw: Callable[[Data], Figure] | None = None
    choices: str = ""
    false_alarm: str = ""
    prepare: Callable[[bool], object] | None = None
    shares: str = ""

    def verdict(self, data: Data) -> dict[str, Any]:
        """The measured and expected values and tolerances, by the name of each check, and whether all hold."""
        checks = self.check(data)
        return {
            "measured": {c.name: c.measured for c in checks},
            "expected": {c.name: c.expected for c in checks},
            "tolerance": {c.name: c.tolerance for c in checks},
            "checks": {c.name: c.holds for c in checks},
            "holds": bool(checks) and all(c.holds for c in checks),
            "choices": self.choices,
            "false_alarm": self.false_alarm,
        }
