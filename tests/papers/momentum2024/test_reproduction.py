"""The paper in its quick form: every claim is there, holds, has a figure, and would not hold on wrong data."""

import pytest

IDS = ["linear", "lost"]


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, verdicts, claim):
    assert_claim(claim)
    assert verdicts[claim]["printed"]["verdict"] == "holds"
    assert sorted(verdicts) == sorted(IDS)


@pytest.mark.parametrize("claim", IDS)
def test_figures_are_drawn(assert_drawn, claim):
    assert_drawn(claim)


@pytest.mark.parametrize("claim", IDS)
def test_all_that_is_recorded_has_a_name_and_a_unit(assert_described, claim):
    assert_described(claim)


def test_a_law_that_drifts_would_be_noticed(data, failing, judgement):
    right = data("linear")
    path = right["path"]
    wrong = {"path": path.assign(kept=path["kept"] * (1 + 0.01 * path["time"]))}
    assert "largest relative drift of the law of momentum" in failing("linear", wrong)
    assert judgement("linear", wrong).verdict == "does not hold"


def test_a_law_of_relu_would_be_noticed(data, failing, judgement):
    right = data("lost")
    wrong = {"laws": right["laws"].assign(momentum=right["laws"]["momentum"] + 1)}
    assert len(failing("lost", wrong)) == 2
    assert judgement("lost", wrong).verdict == "does not hold"
