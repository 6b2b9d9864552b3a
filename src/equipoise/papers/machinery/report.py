"""The report on a reproduction: claims.json for programs and index.html for people."""

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import jinja2

from equipoise.core.files import write_json, write_text
from equipoise.core.strict_json import to_json
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.machinery.summary import checked, judged_as, summary
from equipoise.results import machine, versions

_TEMPLATES = Path(__file__).with_name("templates")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The outcome of one claim.

    - `claim`: the claim.
    - `verdict`: its part of claims.json: id, paper, source and statement; measured, expected, tolerance and checks,
      each by the name of the check; holds, printed, choices, false_alarm; quick, seed and seconds of the run.
    - `figures`, `data`: the files.
    - `settings`: the settings of the run, by the name of each Dataset.
    """

    claim: Claim
    verdict: dict[str, Any]
    figures: tuple[Path, ...]
    data: tuple[Path, ...]
    settings: dict[str, dict[str, Any]]

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return bool(self.verdict["holds"])

    @property
    def printed(self) -> dict[str, Any]:
        """The judgement on what the paper prints: says, verdict, because, name and measured."""
        return self.verdict["printed"]

    @property
    def quick(self) -> bool:
        """Whether the data comes from a quick run."""
        return bool(self.verdict["quick"])

    @property
    def seconds(self) -> float:
        """The time of the run, in seconds."""
        return float(self.verdict["seconds"])


@dataclasses.dataclass(frozen=True)
class Report:
    """The outcomes of one call of `reproduce`.

    - `paper`: the paper.
    - `out`: the folder written to.
    - `chosen`: the number of claims to run.
    - `outcomes`: the outcomes of the finished claims, in the paper's order.
    - `interrupted`: whether Ctrl-C came before the end.
    - `command`: the command line that started it, if there was one.
    """

    paper: Paper
    out: Path
    chosen: int
    outcomes: tuple[Outcome, ...] = ()
    interrupted: bool = False
    command: str = ""

    @property
    def holds(self) -> bool:
        """Whether all chosen claims were run and hold."""
        return len(self.outcomes) == self.chosen and all(outcome.holds for outcome in self.outcomes)

    @property
    def quick(self) -> bool:
        """Whether any data comes from a quick run."""
        return any(outcome.quick for outcome in self.outcomes)

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """The content of claims.json: both verdicts on every claim."""
        return [outcome.verdict for outcome in self.outcomes]

    @property
    def summary(self) -> str:
        """Both verdicts in one line, such as: 14 claims measured; as printed 11 hold, 3 do not."""
        return summary(self.verdicts)

    def write(self) -> None:
        """Write claims.json and index.html into `out`, each whole or not at all."""
        write_json(self.out / "claims.json", self.verdicts)
        write_text(self.out / "index.html", self.page())

    def page(self) -> str:
        """The report as one HTML page with links to pictures and data; nothing is loaded from elsewhere."""
        loader = jinja2.FileSystemLoader(_TEMPLATES)
        environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        environment.filters["number"] = number
        environment.filters["json"] = to_json
        environment.filters["checked"] = checked
        environment.filters["judged"] = judged_as
        date = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
        page = environment.get_template("report.html.jinja")
        return page.render(report=self, date=date, versions=versions(), machine=machine())


def number(value: Any) -> str:
    """Six significant digits for a float, a dash for None, any other value unchanged."""
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
