"""The whole paper in its quick form: every claim is there and holds, and none would hold on wrong data."""

import numpy as np
import pytest

from equipoise.papers.arora2019.shared.completions import completion

IDS = ["nuclearnorm", "speeds", "minimum"]
JUDGED = {"nuclearnorm": "holds", "speeds": "holds", "minimum": "does not hold"}


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, verdicts, claim):
    assert_claim(claim)
    assert verdicts[claim]["printed"]["verdict"] == JUDGED[claim]


def test_nothing_else_is_there(verdicts):
    assert sorted(verdicts) == sorted(IDS)


@pytest.mark.parametrize("claim", IDS)
def test_figures_are_drawn(assert_drawn, claim):
    assert_drawn(claim)


@pytest.mark.parametrize("claim", IDS)
def test_all_that_is_recorded_has_a_name_and_a_unit(assert_described, claim):
    assert_described(claim)


def test_ends_at_the_least_nuclear_norm_are_noticed(data, failing, judgement):
    right = data("nuclearnorm")["ends"]
    wrong = {"ends": right.assign(nuclear_norm=right.attrs["upper"] + 0 * right["nuclear_norm"])}
    assert len(failing("nuclearnorm", wrong)) == 3
    assert judgement("nuclearnorm", wrong).verdict == "does not hold"


def test_depth_that_does_not_help_is_noticed(data, failing, judgement):
    right = data("nuclearnorm")["ends"]
    wrong = {"ends": right.assign(test=right["test"].sel(depth=2) + 0 * right["test"])}
    assert "error on the other entries, depth 3 over depth 2" in failing("nuclearnorm", wrong)
    assert judgement("nuclearnorm", wrong).verdict == "does not hold"


def test_speeds_of_another_depth_are_noticed(data, failing, judgement):
    right = data("speeds")
    paths = right["paths"].copy()
    paths["product"] = paths["product"].isel(depth=[0, 0, 1]).assign_coords(depth=paths["depth"])
    wrong = {**right, "paths": paths}
    assert "depth 3: largest distance from the formula, over the largest speed" in failing("speeds", wrong)
    assert judgement("speeds", wrong).verdict == "does not hold"


def test_a_minimum_as_low_as_printed_is_noticed(data, failing, judgement):
    right = data("minimum")
    lower = {name: right["minima"][name] - 8.0 for name in ("lower", "relaxed")}
    wrong = {**right, "minima": right["minima"].assign(lower)}
    assert "the same if every entry may miss by 0.001" in failing("minimum", wrong)
    assert judgement("minimum", wrong).verdict == "holds"


def test_truths_are_scaled_and_no_entry_is_known_twice():
    made = completion(20, 3, 100, seed=0)
    assert np.linalg.norm(made.truth) == pytest.approx(20)
    assert np.linalg.matrix_rank(made.truth) == 3
    assert len(set(zip(made.rows.tolist(), made.columns.tolist(), strict=True))) == 100
