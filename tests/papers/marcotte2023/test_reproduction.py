"""The paper in its quick form: every claim is there, holds, has a figure, and would not hold on wrong data."""

import pytest

IDS = ["counts", "homogeneity"]


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


def test_another_count_is_noticed(data, failing, judgement):
    right = data("counts")
    wrong = {"counts": right["counts"].assign(found=right["counts"]["found"] + 1)}
    assert "linear: networks with another count" in failing("counts", wrong)
    assert judgement("counts", wrong).verdict == "does not hold"


def test_a_law_of_tanh_would_be_noticed(data, failing, judgement):
    right = data("homogeneity")
    wrong = {"neurons": right["neurons"].assign(laws=right["neurons"]["laws"] * 0 + 1)}
    assert failing("homogeneity", wrong) == {"tanh: laws", "softplus: laws"}
    assert judgement("homogeneity", wrong).verdict == "does not hold"
