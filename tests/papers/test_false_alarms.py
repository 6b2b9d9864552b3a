"""False alarms are measured for every random claim, are rare, and are of the checks of today."""

import json
from pathlib import Path

import pytest

from equipoise.papers import Claim, Paper, papers
from equipoise.papers.machinery.collect import false_alarms

ASSETS = Path(__file__).parents[2] / "docs/assets"
MEASURED = {p.id: false_alarms(f"equipoise.papers.{p.id}") for p in papers()}
NOTHING_RANDOM = {("liu2021", "figure1")}
RANDOM = [
    pytest.param(paper, claim, id=f"{paper.id}-{claim.id}")
    for paper in papers()
    for claim in paper.claims
    if (paper.id, claim.id) not in NOTHING_RANDOM
]
LEAST_MARGIN = {"liu2021": 4.0, "du2018": 4.0}
"""In standard deviations; 2.5 for the others, which speak of single random instances that differ by factors."""


@pytest.mark.parametrize(("paper", "claim"), RANDOM)
def test_every_random_claim_says_what_was_measured(paper: Paper, claim: Claim):
    measured = MEASURED[paper.id]
    assert claim.false_alarm.startswith(f"Quick form: {measured['quick'][claim.id]['statement']}.")
    full = measured["full"].get(claim.id)
    assert claim.false_alarm.endswith("." if full is None else f". Full form: {full['statement']}.")


@pytest.mark.parametrize(("paper", "claim"), RANDOM)
def test_failures_are_rare_and_margins_wide(paper: Paper, claim: Claim):
    """Of all that is no extreme of many, the mean is far from what would fail; where a seed fails, counts tell."""
    for form in ("quick", "full"):
        result = MEASURED[paper.id][form].get(claim.id)
        if result is None:
            continue
        assert result["below"] < 0.25
        _, _, margin = result["statement"].partition("smallest margin ")
        wide = (
            not margin or margin.startswith("over 100") or float(margin.split()[0]) >= LEAST_MARGIN.get(paper.id, 2.5)
        )
        assert wide or result["failed"]


def test_the_checks_measured_in_full_are_those_of_the_committed_claims():
    """Those of the quick form are compared where it is run."""
    for paper, measured in MEASURED.items():
        claims = json.loads((ASSETS / paper / "claims.json").read_text(encoding="utf-8"))
        names = {claim["id"]: set(claim["checks"]) for claim in claims}
        for claim, result in measured["full"].items():
            assert set(result["checks"]) == names[claim]
