"""What a claim is: a statement with its source, an experiment, checks on its data, and a figure drawn from the data."""

import dataclasses
from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from equipoise.papers.machinery.check import Check, Data
from equipoise.papers.machinery.printed import Printed


@dataclasses.dataclass(frozen=True)
class Claim:
    """One claim of a paper, and how it is tested.

    - `id`: its name among the paper's claims, such as "figure2". Files are named after it.
    - `source`: its place in the paper.
    - `statement`: what is checked here, in our words.
    - `printed`: what the paper prints, and how that is judged.
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
    printed: Printed
    run: Callable[[bool, int], Data]
    check: Callable[[Data], list[Check]]
    draw: Callable[[Data], Figure] | None = None
    choices: str = ""
    false_alarm: str = ""
    prepare: Callable[[bool], object] | None = None
    shares: str = ""

    def verdict(self, data: Data) -> dict[str, Any]:
        """The content of claims.json on the data: our checks by name, and the judgement on what is printed."""
        checks = self.check(data)
        return {
            "measured": {c.name: c.measured for c in checks},
            "expected": {c.name: c.expected for c in checks},
            "tolerance": {c.name: c.tolerance for c in checks},
            "checks": {c.name: c.holds for c in checks},
            "holds": bool(checks) and all(c.holds for c in checks),
            "printed": self.printed.verdict(data),
            "choices": self.choices,
            "false_alarm": self.false_alarm,
        }
