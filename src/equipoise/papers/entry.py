"""What a claim is: a statement with its source, an experiment, checks on its data, and a figure drawn from it."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, SupportsFloat

import xarray as xr
from matplotlib.figure import Figure

Data = Mapping[str, xr.Dataset]
"""The saved data of one entry: each Dataset becomes a file, and all that is checked or drawn comes from there."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One number against what it should be. `expected` is a number, or a sentence where it is a bound or a shape."""

    name: str
    measured: float
    expected: float | str
    tolerance: float | None
    holds: bool


def near(name: str, measured: SupportsFloat, expected: SupportsFloat, tolerance: SupportsFloat) -> Check:
    """Holds if |measured − expected| ≤ tolerance; never for NaN."""
    measured, expected, tolerance = float(measured), float(expected), float(tolerance)
    return Check(name, measured, expected, tolerance, bool(abs(measured - expected) <= tolerance))


def at_most(name: str, measured: SupportsFloat, bound: SupportsFloat) -> Check:
    """Holds if measured ≤ bound; never for NaN."""
    measured, bound = float(measured), float(bound)
    return Check(name, measured, f"≤ {bound:.4g}", None, bool(measured <= bound))


def at_least(name: str, measured: SupportsFloat, bound: SupportsFloat) -> Check:
    """Holds if measured ≥ bound; never for NaN."""
    measured, bound = float(measured), float(bound)
    return Check(name, measured, f"≥ {bound:.4g}", None, bool(measured >= bound))


@dataclasses.dataclass(frozen=True)
class Entry:
    """One claim of a paper.

    `run(quick, seed)` makes the data, the same for the same seed; `check(data)` measures; `draw(data)` makes the
    figure, or is None. `choices` names what the paper left open and what was chosen; `false_alarm` says how often the
    checks fail over fresh seeds, as measured, or is empty where nothing is random. `prepare(quick)` finds what the run
    needs, before any entry is run. `shares` is the id of another entry, run before
    it in the same process, whose results or compiled programs it uses again.
    """

    id: str
    paper: str
    source: str
    statement: str
    run: Callable[[bool, int], Data]
    check: Callable[[Data], list[Check]]
    draw: Callable[[Data], Figure] | None = None
    choices: str = ""
    false_alarm: str = ""
    prepare: Callable[[bool], object] | None = None
    shares: str = ""

    def about(self) -> dict[str, str]:
        """The claim before it is run: id, paper, source and statement."""
        return {"id": self.id, "paper": self.paper, "source": self.source, "statement": self.statement}

    def verdict(self, data: Data) -> dict[str, Any]:
        """The claim once run: measured, expected and tolerance by the name of each check, and whether all hold."""
        checks = self.check(data)
        return {
            **self.about(),
            "measured": {c.name: c.measured for c in checks},
            "expected": {c.name: c.expected for c in checks},
            "tolerance": {c.name: c.tolerance for c in checks},
            "checks": {c.name: c.holds for c in checks},
            "holds": bool(checks) and all(c.holds for c in checks),
            "choices": self.choices,
            "false_alarm": self.false_alarm,
        }
