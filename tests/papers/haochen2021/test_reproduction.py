"""The whole paper in its quick form: every claim holds, and none on wrong data."""

import pytest

IDS = ["recovery"]


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, verdicts, claim):
    assert_claim(claim)
    assert verdicts[claim]["printed"]["verdict"] == "holds"


def test_nothing_else_is_there(verdicts):
    assert sorted(verdicts) == sorted(IDS)


@pytest.mark.parametrize("claim", IDS)
def test_figures_are_drawn(assert_drawn, claim):
    assert_drawn(claim)


@pytest.mark.parametrize("claim", IDS)
def test_all_that_is_recorded_has_a_name_and_a_unit(assert_described, claim):
    assert_described(claim)


def test_a_drift_of_second_order_is_noticed(data, failing, judgement):
    drift = data("recovery")["drift"]
    wrong = {"drift": drift * drift["step_size"]}
    assert "drift with 2η over that with η" in failing("recovery", wrong)
    assert judgement("recovery", wrong).verdict == "does not hold"
