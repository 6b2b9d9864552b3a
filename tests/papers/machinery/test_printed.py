"""The verdict on what is printed follows the data, and is another than that on our checks."""

import math

import pytest

from equipoise.papers import Printed, Verdict, at_most, jointly, judged, near, reproduce, undecided

HOLDS = judged(at_most("small", 1.0, 2.0), "It is 1.")
DOES_NOT = judged(at_most("large", 3.0, 2.0), "It is 3.")
NOT_DECIDED = undecided("unclear", 2.0, "It is 2, give or take 1.")


def test_a_check_decides():
    assert (HOLDS.verdict, HOLDS.name, HOLDS.measured) == (Verdict.HOLDS, "small", 1.0)
    assert (DOES_NOT.verdict, DOES_NOT.because) == (Verdict.DOES_NOT_HOLD, "It is 3.")
    assert judged(near("no number", math.nan, 0.0, 1.0), "It is nothing.").verdict is Verdict.DOES_NOT_HOLD


@pytest.mark.parametrize(
    ("parts", "decisive"),
    [
        ((HOLDS, NOT_DECIDED, DOES_NOT), DOES_NOT),
        ((HOLDS, NOT_DECIDED), NOT_DECIDED),
        ((HOLDS, judged(at_most("other", 0.0, 1.0), "It is 0.")), HOLDS),
    ],
)
def test_a_statement_of_several_parts_holds_if_all_do(parts, decisive):
    assert jointly(*parts) is decisive


def test_the_verdict_is_told_in_full():
    told = Printed("It is below 2.", lambda data: NOT_DECIDED).verdict({})
    assert told == {
        "says": "It is below 2.",
        "verdict": "not decided",
        "because": "It is 2, give or take 1.",
        "name": "unclear",
        "measured": 2.0,
    }


def test_the_two_verdicts_are_independent(bench, tmp_path):
    bench.printed_within = -1.0
    report = reproduce(bench.paper, out=tmp_path / "printed")
    assert report.holds
    assert {claim["printed"]["verdict"] for claim in report.verdicts} == {"does not hold"}
    bench.printed_within, bench.final = 5.0, 2.0
    report = reproduce(bench.paper, out=tmp_path / "ours")
    assert not report.holds
    assert {claim["printed"]["verdict"] for claim in report.verdicts} == {"holds"}


def test_redrawing_judges_again(bench, tmp_path):
    assert reproduce(bench.paper, out=tmp_path).outcomes[0].printed["verdict"] == "holds"
    bench.printed_within = -1.0
    assert reproduce(bench.paper, out=tmp_path, redraw=True).outcomes[0].printed["verdict"] == "does not hold"
