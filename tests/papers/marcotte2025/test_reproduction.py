"""The paper in its quick form: every claim is there, holds, has a figure, and would not hold on wrong data."""

import pytest

IDS = ["blocks", "attention"]


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


def test_a_law_that_the_skip_breaks_would_be_noticed(data, failing, judgement):
    right = data("blocks")
    wrong = {**right, "block": right["block"].assign(laws=right["block"]["laws"] * right["block"]["skip"])}
    assert failing("blocks", wrong) == {"one block without skip: laws"}
    assert judgement("blocks", wrong).verdict == "does not hold"


def test_another_rank_would_be_noticed(data, failing, judgement):
    right = data("blocks")
    wrong = {**right, "two": right["two"].assign(values=right["two"]["values"] + 1e-3)}
    assert len(failing("blocks", wrong)) == 2
    assert judgement("blocks", wrong).verdict == "does not hold"


def test_a_missing_law_of_attention_would_be_noticed(data, failing, judgement):
    right = data("attention")
    wrong = {"layers": right["layers"].assign(laws=right["layers"]["laws"] - 1)}
    assert failing("attention", wrong) == {"laws too many or too few, all layers"}
    assert judgement("attention", wrong).verdict == "does not hold"
