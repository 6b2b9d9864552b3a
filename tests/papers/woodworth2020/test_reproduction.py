"""The whole paper in its quick form: every claim is there and holds, and none would hold on wrong data."""

import numpy as np
import pytest

from equipoise.papers.woodworth2020.shared.potential import minimizers
from equipoise.papers.woodworth2020.shared.regression import Regression, regression

IDS = ["twolayers", "depth", "samples"]


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


def test_limits_elsewhere_are_noticed(data, failing, judgement):
    right = data("twolayers")
    wrong = {**right, "descent": right["descent"].assign(away=right["descent"]["away"] + 0.01)}
    assert failing("twolayers", wrong) == {"gradient descent: largest distance from the minimizer of Q_α"}
    assert judgement("twolayers", wrong).verdict == "does not hold"


def test_another_exponent_is_noticed(data, failing, judgement):
    right = data("depth")
    found = right["minimizers3"]
    wrong = {**right, "minimizers3": found.assign(small=found["small"] ** 0.5)}
    assert "D = 3: exponent of the excess in αᴰ" in failing("depth", wrong)
    slow = {**right, "minimizers4": found.assign(small=right["minimizers2"]["small"][0] + 0 * found["small"])}
    assert judgement("depth", slow).verdict == "does not hold"


def test_a_large_start_that_needs_few_points_is_noticed(data, failing, judgement):
    error = data("samples")["errors"]["error"]
    wrong = {"errors": (0 * error + error.sel(alpha=1e-6)).to_dataset(name="error")}
    assert failing("samples", wrong) == {"α = 10: points needed", "α = 10: median error at 30 points"}
    assert judgement("samples", wrong).verdict == "does not hold"


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_minimizers_fit_and_end_at_least_squares(depth):
    instance = regression(1)
    (far, near) = minimizers(instance, depth, np.array([30.0, 0.1]))
    for beta in (far, near):
        np.testing.assert_allclose(instance.inputs @ beta, instance.targets, atol=1e-7)
    np.testing.assert_allclose(far, instance.least_squares, atol=1e-6)
    assert np.abs(near).sum() < np.abs(far).sum()


def test_least_sum_and_excess_by_hand():
    """min |β₁| + |β₂| under 2β₁ + β₂ = 2 is 1, at β = (1, 0), with the slack ½ on β₂."""
    instance = Regression(np.array([[2.0, 1.0]]), np.array([2.0]))
    np.testing.assert_allclose(instance.least_sum, [1.0, 0.0])
    np.testing.assert_allclose(instance.slacks, [0.0, 0.5])
    np.testing.assert_allclose(instance.excess(np.array([0.8, 0.4])), 0.2)
