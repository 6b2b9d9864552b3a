"""The verdicts of a whole paper in one line."""

from collections.abc import Sequence
from typing import Any

from equipoise.papers.machinery.printed import Verdict

SIGNS = {Verdict.HOLDS: "✓", Verdict.DOES_NOT_HOLD: "✗", Verdict.NOT_DECIDED: "?"}
"""A sign for each verdict, for tables."""


def summary(claims: Sequence[dict[str, Any]]) -> str:
    """How many claims were measured, whether our checks hold, and how many hold as printed.

    For example: 14 claims measured; as printed 11 hold, 3 do not.

    - `claims`: the content of claims.json.
    """
    failing = [claim["id"] for claim in claims if not claim["holds"]]
    ours = f", of which the checks of {len(failing)} fail ({', '.join(failing)})" if failing else ""
    counts = {verdict: sum(claim["printed"]["verdict"] == verdict for claim in claims) for verdict in Verdict}
    parts = [f"as printed {counts[Verdict.HOLDS]} {'holds' if counts[Verdict.HOLDS] == 1 else 'hold'}"]
    if counts[Verdict.DOES_NOT_HOLD]:
        parts.append(f"{counts[Verdict.DOES_NOT_HOLD]} {'does' if counts[Verdict.DOES_NOT_HOLD] == 1 else 'do'} not")
    if counts[Verdict.NOT_DECIDED]:
        parts.append(f"{counts[Verdict.NOT_DECIDED]} {'is' if counts[Verdict.NOT_DECIDED] == 1 else 'are'} not decided")
    return f"{len(claims)} claim{'' if len(claims) == 1 else 's'} measured{ours}; {', '.join(parts)}"


def checked(holds: bool) -> str:
    """Our verdict on a claim or a check, with a sign."""
    return "✓ holds" if holds else "✗ fails"


def judged_as(verdict: str) -> str:
    """The verdict on what is printed, with a sign."""
    return f"{SIGNS[Verdict(verdict)]} {verdict}"
