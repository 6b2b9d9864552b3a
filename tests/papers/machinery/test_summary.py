"""One line tells both verdicts."""

import pytest

from equipoise.papers.machinery.summary import judged_as, summary


def _claims(verdicts, failing=()):
    return [
        {"id": f"c{number}", "holds": number not in failing, "printed": {"verdict": verdict}}
        for number, verdict in enumerate(verdicts)
    ]


YES, NO, OPEN = "holds", "does not hold", "not decided"


@pytest.mark.parametrize(
    ("claims", "line"),
    [
        (_claims([YES] * 11 + [NO] * 3), "14 claims measured; as printed 11 hold, 3 do not"),
        (_claims([YES, NO, OPEN]), "3 claims measured; as printed 1 holds, 1 does not, 1 is not decided"),
        (_claims([YES, OPEN, OPEN]), "3 claims measured; as printed 1 holds, 2 are not decided"),
        (_claims([YES]), "1 claim measured; as printed 1 holds"),
        (
            _claims([YES, YES, NO], failing=(0, 2)),
            "3 claims measured, of which the checks of 2 fail (c0, c2); as printed 2 hold, 1 does not",
        ),
        ([], "0 claims measured; as printed 0 hold"),
    ],
)
def test_the_line(claims, line):
    assert summary(claims) == line


def test_signs():
    assert [judged_as(verdict) for verdict in (YES, NO, OPEN)] == ["✓ holds", "✗ does not hold", "? not decided"]
