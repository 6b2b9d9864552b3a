"""What was reproduced, as claims.json for programs and index.html for people."""

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import jinja2

from equipoise.core.files import write_text
from equipoise.core.strict_json import to_json
from equipoise.papers.entry import Entry
from equipoise.papers.paper import Paper
from equipoise.results import machine, versions

_TEMPLATES = Path(__file__).with_name("templates")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One entry once run: its verdict, where its figure and data lie, and how it was made.

    `seed` is that of the whole run, `seconds` what making the data took; `settings` are the attributes of each Dataset,
    by its name.
    """

    entry: Entry
    verdict: dict[str, Any]
    figures: tuple[Path, ...]
    data: tuple[Path, ...]
    quick: bool
    seed: int
    seconds: float
    settings: dict[str, dict[str, Any]]

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return bool(self.verdict["holds"])

    @property
    def claim(self) -> dict[str, Any]:
        """The verdict with the seed, the seconds taken, and whether it is of a quick run."""
        return {**self.verdict, "quick": self.quick, "seed": self.seed, "seconds": round(self.seconds, 3)}


@dataclasses.dataclass(frozen=True)
class Report:
    """The outcomes of one call of `reproduce`, in the order run, out of `chosen` entries."""

    paper: Paper
    out: Path
    chosen: int
    outcomes: tuple[Outcome, ...] = ()
    interrupted: bool = False
    command: str = ""

    @property
    def holds(self) -> bool:
        """Whether all that was asked for was run and holds."""
        return len(self.outcomes) == self.chosen and all(outcome.holds for outcome in self.outcomes)

    @property
    def quick(self) -> bool:
        """Whether any of the data is of a quick run."""
        return any(outcome.quick for outcome in self.outcomes)

    @property
    def claims(self) -> list[dict[str, Any]]:
        """Every claim with what was measured."""
        return [outcome.claim for outcome in self.outcomes]

    def write(self) -> None:
        """Write claims.json and index.html into `out`, each whole or not at all."""
        write_text(self.out / "claims.json", to_json(self.claims))
        write_text(self.out / "index.html", self.page())

    def page(self) -> str:
        """The report as one HTML page; pictures and data are linked, nothing comes from elsewhere."""
        loader = jinja2.FileSystemLoader(_TEMPLATES)
        environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        environment.filters["number"] = number
        environment.filters["json"] = to_json
        date = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
        page = environment.get_template("report.html.jinja")
        return page.render(report=self, date=date, versions=versions(), machine=machine())


def number(value: Any) -> str:
    """Six significant digits for a float, a dash for None, anything else as it is."""
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
