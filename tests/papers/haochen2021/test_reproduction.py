"""The whole paper in its quick form: every claim holds, and none on wrong data."""

import numpy as np
import pytest

from equipoise.papers.haochen2021.shared.quadratic import QUICK, inputs_of, sparse_regression, truth_of

IDS = ["recovery", "starts", "variance"]


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


def test_noise_that_does_not_recover_is_noticed(data, failing, judgement):
    paths = data("recovery")["paths"]
    wrong = {"paths": paths.assign(error=paths["error"] + 1)}
    assert failing("recovery", wrong) == {"label noise: largest error at the end"}
    assert judgement("recovery", wrong).verdict == "does not hold"


def test_a_start_that_decides_is_noticed(data, failing, judgement):
    paths = data("starts")["paths"]
    wrong = {"paths": paths.assign(error=paths["error"].sel(noise="plain") + 0 * paths["error"])}
    assert failing("starts", wrong) == {"label noise: largest error over the starts"}
    assert judgement("starts", wrong).verdict == "does not hold"


def test_another_drift_is_noticed(data, failing, judgement):
    paths = data("variance")["paths"]
    wrong = {"paths": paths.assign(moved=2 * paths["moved"])}
    assert "label noise: mean move along Pc over the predicted" in failing("variance", wrong)
    still = {"paths": paths.assign(variance=1 + 0 * paths["variance"])}
    assert judgement("variance", still).verdict == "does not hold"


def test_the_truth_fits_the_points():
    problem = sparse_regression(QUICK, 1)
    root = np.sqrt(truth_of(QUICK))[:, None]
    assert float(problem.loss((root, 0 * root))) == pytest.approx(0, abs=1e-24)
    assert inputs_of(problem).shape == (QUICK.points, QUICK.coordinates)
