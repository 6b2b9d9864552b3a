"""The whole paper in its quick form: every claim is there and holds, and none would hold on wrong data."""

import numpy as np
import pytest

IDS = ["edge", "loss", "momentum"]


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


def test_a_sharpness_below_the_edge_is_noticed(data, failing, judgement):
    right = data("edge")["paths"]
    wrong = {"paths": right.assign(sharpness=0.9 * right["sharpness"])}
    assert len(failing("edge", wrong)) >= 3
    assert judgement("edge", wrong).verdict == "does not hold"


def test_a_loss_that_is_monotone_or_rises_is_noticed(data, failing, judgement):
    right = data("loss")
    values = right["loss"]["loss"].transpose("replicate", "step")
    falling = right["loss"].assign(loss=values.copy(data=np.minimum.accumulate(values.values, axis=1)))
    assert failing("loss", {**right, "loss": falling}) == {"share of the last 5000 steps at which the loss rises"}
    turned = right["loss"].assign(loss=values.copy(data=values.values[:, ::-1]))
    assert judgement("loss", {**right, "loss": turned}).verdict == "does not hold"


def test_momentum_that_ends_at_the_edge_of_gradient_descent_is_noticed(data, failing, judgement):
    right = data("momentum")["paths"]
    wrong = {"paths": right.assign(sharpness=2 / 0.15 + 0 * right["sharpness"])}
    assert len(failing("momentum", wrong)) == 4
    assert judgement("momentum", wrong).verdict == "does not hold"
