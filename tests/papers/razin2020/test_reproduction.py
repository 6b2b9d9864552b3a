"""The whole paper in its quick form: every claim is there and holds, and none would hold on wrong data."""

import numpy as np
import pytest

from equipoise.papers.razin2020.shared.flows import balanced

IDS = ["norms", "rank", "perturbed"]


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


def test_an_entry_that_stays_bounded_is_noticed(data, failing, judgement):
    right = data("norms")
    flow = right["positive3"]
    wrong = {**right, "positive3": flow.assign(product=flow["product"].clip(max=5.0))}
    assert "depth 3: exponent of |W₁₁| in the loss" in failing("norms", wrong)
    assert judgement("norms", wrong).verdict == "does not hold"


def test_a_rank_that_stays_is_noticed(data, failing, judgement):
    right = data("rank")
    flow = right["positive4"]
    wrong = {**right, "positive4": flow.assign(effective_rank=flow["effective_rank"] + 0.3)}
    assert failing("rank", wrong) == {"depth 4: largest effective rank at the end, less 1"}
    assert judgement("rank", wrong).verdict == "does not hold"


def test_an_end_of_small_norm_is_noticed(data, failing, judgement):
    right = data("perturbed")
    wrong = {**right, "ends": right["ends"].assign(product=0.1 * right["ends"]["product"])}
    assert "least ε |W₁₁| at the end" in failing("perturbed", wrong)
    assert judgement("perturbed", wrong).verdict == "does not hold"


@pytest.mark.parametrize("sign", [1, -1])
def test_starts_are_balanced_and_have_the_sign_asked_for(sign):
    first, middle, last = balanced(np.random.default_rng(0), 3, sign, 5).theta
    w = last @ middle @ first
    assert np.all(sign * np.linalg.det(w) > 0)
    np.testing.assert_allclose(np.linalg.norm(w, axis=(1, 2)), 0.1)
    np.testing.assert_allclose(first @ first.transpose(0, 2, 1), middle @ middle, atol=1e-12)
    np.testing.assert_allclose(last.transpose(0, 2, 1) @ last, middle @ middle, atol=1e-12)
