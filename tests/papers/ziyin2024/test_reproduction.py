"""The whole paper of Ziyin et al. in its quick form: every claim is there and holds, and none would on wrong data."""

import pytest

IDS = {"balance": "holds", "equilibrium": "holds", "diffusion": "holds"}


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, verdicts, claim):
    assert_claim(claim)
    assert verdicts[claim]["printed"]["verdict"] == IDS[claim]


def test_nothing_else_is_there(verdicts):
    assert sorted(verdicts) == sorted(IDS)


@pytest.mark.parametrize("claim", IDS)
def test_figures_are_drawn(assert_drawn, claim):
    assert_drawn(claim)


@pytest.mark.parametrize("claim", IDS)
def test_all_that_is_recorded_has_a_name_and_a_unit(assert_described, claim):
    assert_described(claim)


def test_minibatches_that_do_not_balance_are_noticed(data, failing, judgement):
    paths = data("balance")["paths"]
    kept = {"paths": paths.assign(difference=paths["difference"] ** 0.01)}
    assert {"largest distance from exp(−η² Σ E gᵢ²)", "single points: what is left of u² − w²"} <= failing(
        "balance", kept
    )
    assert judgement("balance", kept).verdict == "does not hold"


def test_ends_that_depend_on_the_start_are_noticed(data, failing, judgement):
    paths = data("equilibrium")["paths"]
    own = {"paths": paths.assign(balance=0 * paths["balance"] + paths["start"])}
    assert len(failing("equilibrium", own)) == 6 - 1  # the start of balance 1 of the square matrix ends there
    assert judgement("equilibrium", own).verdict == "does not hold"


def test_noise_of_the_other_kind_is_noticed(data, failing, judgement):
    right = data("diffusion")
    swapped = {"batches": right["isotropic"], "isotropic": right["batches"]}
    assert len(failing("diffusion", swapped)) >= 4
    assert judgement("diffusion", swapped).verdict == "does not hold"
