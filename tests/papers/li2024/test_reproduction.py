"""The whole paper of Li et al. in its quick form: every claim is there and holds, and none would on wrong data."""

import numpy as np
import pytest

from equipoise.papers.li2024.shared.noisy import predicted

IDS = {"drift": "holds", "outliers": "holds", "rectangular": "does not hold", "regularization": "not decided"}


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


def test_another_drift_and_a_path_that_keeps_the_imbalance_are_noticed(data, failing, judgement):
    right = data("drift")
    swapped = right["drift"].rename(exact="first_order", first_order="exact")
    assert "exact formula: largest error over the largest drift" in failing("drift", {**right, "drift": swapped})
    kept = {**right, "paths": right["paths"].assign(aware=right["paths"]["descent"])}
    assert failing("drift", kept) == {"sharpness-aware: ‖x‖² − ‖y‖² at the end over that at the start"}
    assert judgement("drift", kept).verdict == "does not hold"


def test_noise_without_effect_is_noticed(data, failing, judgement):
    paths = data("outliers")["paths"]
    same = {"paths": paths.assign(aware=paths["aware"].sel(std=1.0) + 0 * paths["aware"])}
    assert {"loss at α = 1 over that at α = 0.5", "loss at α = 2 over that at α = 1"} <= failing("outliers", same)
    still = {"paths": paths.assign(aware=paths["aware"].isel(std=slice(None, None, -1)).values + 0 * paths["aware"])}
    assert judgement("outliers", still).verdict == "does not hold"


def test_factors_that_stay_balanced_are_noticed(data, failing, judgement):
    paths = data("rectangular")["paths"]
    balanced = {"paths": paths.assign(balance=0 * paths["balance"] + 1.0)}
    assert len(failing("rectangular", balanced)) == 4
    assert judgement("rectangular", balanced).verdict == "holds"


def test_another_path_is_noticed(data, failing):
    paths = data("regularization")["paths"]
    slow = {"paths": paths.assign(regularized=paths["regularized"] ** 0.5)}
    assert "largest distance of the two mean paths, over the start" in failing("regularization", slow)


def test_the_prediction_near_balance_is_exponential():
    """For balance near 1, S = 2 and D falls at the rate η(2ρs√(d/2) + 2ρ² + ηs²d)."""
    steps = np.array([0.0, 1000.0])
    rate = 0.002 * (2 * 0.1 * 0.5 * np.sqrt(16 / 2) + 2 * 0.1**2 + 0.002 * 0.5**2 * 16)
    assert predicted(16, 0.5, 1.001, steps)[1] == pytest.approx(np.exp(-1000 * rate), rel=1e-4)
