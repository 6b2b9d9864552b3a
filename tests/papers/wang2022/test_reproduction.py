"""The whole paper of Wang et al. in its quick form: every claim is there and holds, and none would on wrong data."""

import numpy as np
import pytest

from equipoise.papers.wang2022.shared.cycles import cycles, step

IDS = {"convergence": "holds", "balancing": "holds", "orbits": "not decided"}


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


def test_a_start_that_does_not_converge_is_noticed(data, failing, judgement):
    ends = data("convergence")["ends"].copy(deep=True)
    ends["loss"].loc[{"ratio": 3.5, "replicate": 0}] = np.nan
    assert failing("convergence", {"ends": ends}) == {"from 2.1/L to 3.9/L: smallest share of starts that converge"}
    assert judgement("convergence", {"ends": ends}).verdict == "does not hold"


def test_ends_that_keep_the_imbalance_are_noticed(data, failing, judgement):
    ends = data("balancing")["ends"]
    kept = {"ends": ends.assign({name: ends[name].sel(ratio=1.0) + 0 * ends[name] for name in ("norm_x", "norm_y")})}
    assert len(failing("balancing", kept)) >= 4
    assert judgement("balancing", kept).verdict == "does not hold"


def test_orbits_that_attract_are_noticed(data, failing, judgement):
    right = data("orbits")
    attracting = {**right, "orbits": right["orbits"].assign(rate=0.1 * right["orbits"]["rate"])}
    assert len(failing("orbits", attracting)) == 1
    assert judgement("orbits", attracting).verdict == "holds"
    settled = {**right, "paths": right["paths"] * 0 + 1.0}
    assert "paths that settle on a period of up to 24" in failing("orbits", settled)


def test_orbits_of_period_2_by_hand():
    """On x = y the step is 2.9x − 1.9x³; on x = −y it is −0.9x − 1.9x³ with the orbit x² = 0.1/1.9."""
    found = cycles(2, 1.9)
    assert len(found) == 4
    across = np.sqrt(0.1 / 1.9)
    points = [point for point, _ in found]
    assert any(np.allclose(np.abs(point), across, atol=1e-9) and point.prod() < 0 for point in points)
    for point in points:
        np.testing.assert_allclose(step(step(point, 1.9), 1.9), point, atol=1e-10)
