"""What a paper prints, and the verdict on it, which is another than the verdict on our own checks."""

import dataclasses
import enum
from collections.abc import Callable
from typing import Any, SupportsFloat

from equipoise.papers.machinery.check import Check, Data


class Verdict(enum.StrEnum):
    """Whether what a paper prints holds."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    NOT_DECIDED = "not decided"


@dataclasses.dataclass(frozen=True)
class Judgement:
    """A verdict on what a paper prints, made by `judged`, `undecided` or `jointly`.

    - `verdict`: whether it holds.
    - `because`: the reason, in one sentence.
    - `name`: what was measured to decide it, in words.
    - `measured`: the number.
    """

    verdict: Verdict
    because: str
    name: str
    measured: float


def judged(check: Check, because: str) -> Judgement:
    """The judgement by one check of what is printed: it holds if the check holds.

    - `check`: the measured number against the printed one, by `near`, `at_most` or `at_least`.
    - `because`: one sentence with the measured number. It must be true whichever way the check ends.
    """
    verdict = Verdict.HOLDS if check.holds else Verdict.DOES_NOT_HOLD
    return Judgement(verdict, because, check.name, check.measured)


def undecided(name: str, measured: SupportsFloat, because: str) -> Judgement:
    """The judgement that what was measured does not decide it.

    - `name`: what was measured, in words.
    - `measured`: the number.
    - `because`: one sentence that says what is missing.
    """
    return Judgement(Verdict.NOT_DECIDED, because, name, float(measured))


def jointly(*parts: Judgement) -> Judgement:
    """The judgement on a statement of several parts, the most telling first.

    It is the first part that does not hold; else the first that is not decided; else the first. So the statement holds
    only if all its parts do.

    - `parts`: the judgements on the parts, at least one.
    """
    for verdict in (Verdict.DOES_NOT_HOLD, Verdict.NOT_DECIDED):
        for part in parts:
            if part.verdict is verdict:
                return part
    return parts[0]


@dataclasses.dataclass(frozen=True)
class Printed:
    """What a paper prints on a claim, and how that is judged.

    - `says`: what is printed, in our words.
    - `judge`: `judge(data)` gives the judgement. It sees the same data as the checks.
    """

    says: str
    judge: Callable[[Data], Judgement]

    def verdict(self, data: Data) -> dict[str, Any]:
        """The part of claims.json: says, verdict, because, name and measured."""
        judgement = self.judge(data)
        return {"says": self.says, **dataclasses.asdict(judgement), "verdict": str(judgement.verdict)}
