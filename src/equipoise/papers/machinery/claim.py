"""What a claim is: a statement with its source, an experiment, checks on its data, and a figure drawn from it."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, SupportsFloat

import xarray as xr
from matplotlib.figure import Figure

Data = Mapping[str, xr.Dataset]
"""The saved data of one claim: each Dataset becomes a file, and all that is checked or drawn comes from there."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One number against what it should be, as `near`, `at_most` and `at_least` make it.

    - `name`: what was measured, in words. It is the key under which results are stored, so that no two checks of a
      claim have the same.
    - `measured`: the number.
    - `expected`: the number it should be near, or its bound as text, such as "≤ 0.1".
    - `tolerance`: how far from `expected` it may be; None where that is a bound.
    - `holds`: whether it is so.
    """

    name: str
    measured: float
    expected: float | str
    tolerance: float | None
    holds: bool


def near(name: str, measured: SupportsFloat, expected: SupportsFloat, tolerance: SupportsFloat) -> Check:
    """Holds if |measured − expected| ≤ tolerance; never for NaN.

    - `name`: what was measured, in words.
    - `measured`: a number, or an array of one, as the next two.
    - `expected`: what it should be, in the same unit.
    - `tolerance`: how far from that it may be; 0 asks for the number itself.
    """
    measured, expected, tolerance = float(measured), float(expected), float(tolerance)
    return Check(name, measured, expected, tolerance, bool(abs(measured - expected) <= tolerance))


def at_most(name: str, measured: SupportsFloat, bound: SupportsFloat) -> Check:
    """Holds if measured ≤ bound; never for NaN.

    - `name`: what was measured, in words.
    - `measured`: a number, or an array of one, as the next.
    - `bound`: the largest value that is allowed, in the same unit.
    """
    measured, bound = float(measured), float(bound)
    return Check(name, measured, f"≤ {bound:.4g}", None, bool(measured <= bound))


def at_least(name: str, measured: SupportsFloat, bound: SupportsFloat) -> Check:
    """Holds if measured ≥ bound; never for NaN.

    - `name`: what was measured, in words.
    - `measured`: a number, or an array of one, as the next.
    - `bound`: the smallest value that is allowed, in the same unit.
    """
    measured, bound = float(measured), float(bound)
    return Check(name, measured, f"≥ {bound:.4g}", None, bool(measured >= bound))


@dataclasses.dataclass(frozen=True)
class Claim:
    """One claim of a paper, and how it is put to the test.

    - `id`: its name among the paper's claims, such as "figure2". Files are named after it.
    - `source`: where in the paper it stands.
    - `statement`: what is claimed, in our words.
    - `run`: `run(quick, seed)` makes the data. `quick` asks for a shorter form, for tests; everything random follows
      from `seed`.
    - `check`: `check(data)` measures. It sees the data as read back from disk.
    - `draw`: `draw(data)` makes the figure, from the same data. The default is None: there is no figure.
    - `choices`: what the paper left open, and what was chosen. The default is "", nothing.
    - `false_alarm`: how often the checks fail over fresh seeds, as measured. The default is "", for a claim in which
      nothing is random.
    - `prepare`: `prepare(quick)` finds what the run needs, such as a data set, and raises `InputError` if that is
      missing. It is called before any claim is run. The default is None: nothing is needed.
    - `shares`: the id of a claim that is run before this one, in the same process, because this one uses its results
      or compiled programs again. The default is "", none.

    All functions can be found by name from another process, so that none of them is a lambda.
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
        """What was measured, expected and tolerated, by the name of each check, and whether all hold."""
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
