"""The whole paper of our own in its quick form: every claim is there and holds, and none would hold on wrong data."""

import numpy as np
import pytest

from equipoise.papers.beyond.shared.entropic import expansion, limits
from equipoise.papers.beyond.shared.thresholding import soft_thresholded

IDS = ["softthreshold", "lawreduction", "unity", "excess", "laws"]
FIGURES = ["softthreshold", "lawreduction", "unity", "excess"]


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, verdicts, claim):
    assert_claim(claim)
    assert verdicts[claim]["printed"]["verdict"] == "holds"


def test_nothing_else_is_there_and_every_choice_is_named(verdicts):
    assert sorted(verdicts) == sorted(IDS)
    assert all("Known: " in verdict["choices"] for verdict in verdicts.values())


@pytest.mark.parametrize("claim", FIGURES)
def test_figures_are_drawn(assert_drawn, claim):
    assert_drawn(claim)


@pytest.mark.parametrize("claim", IDS)
def test_all_that_is_recorded_has_a_name_and_a_unit(assert_described, claim):
    assert_described(claim)


def test_singular_values_that_are_not_lowered_are_noticed(data, failing, judgement):
    right = data("softthreshold")
    averages = right["averages"]
    kept = averages.assign(mean=averages["mean"].where(averages["mean"] < 0.2, averages["mean"] + 0.25))
    wrong = {**right, "averages": kept}
    assert "√(ab) = 0.5: second singular value of the mean" in failing("softthreshold", wrong)
    assert judgement("softthreshold", wrong).verdict == "does not hold"


def test_noise_whose_bias_or_balance_stays_wrong_is_noticed(data, failing, judgement):
    right = data("softthreshold")
    for name, factor in (("balance", 0.9), ("relative_error", 100.0)):
        wrong = {**right, "decay": right["decay"].assign({name: factor * right["decay"][name]})}
        assert any("decaying noise" in check for check in failing("softthreshold", wrong))
        assert judgement("softthreshold", wrong).verdict == "does not hold"


def test_another_law_is_noticed(data, failing, judgement):
    right = data("lawreduction")
    one = right["tests"]["p"].copy()
    one[3] = 1e-6
    wrong = {**right, "tests": right["tests"].assign(p=one)}
    assert failing("lawreduction", wrong) == {"smallest p-value times the number of tests"}
    assert judgement("lawreduction", wrong).verdict == "does not hold"
    blind = {**right, "control": right["control"].assign(p=0.5)}
    assert failing("lawreduction", blind) == {"8 rows against 10: log₁₀ of the p-value of ‖X‖²"}


def test_a_small_start_in_the_place_of_noise_is_noticed(data, failing, judgement):
    right = data("unity")
    wrong = {**right, "decay": right["decay"].assign(excess=0 * right["decay"]["excess"] + 0.05)}
    assert failing("unity", wrong) == {"decaying noise: largest excess at the end"}
    assert judgement("unity", wrong).verdict == "does not hold"
    turned = right["starts"].assign(nuclear_norm=("size", right["starts"]["nuclear_norm"].values[::-1]))
    assert failing("unity", {**right, "starts": turned}) == {
        "small starts: excess from the smallest over the least of all"
    }


def test_an_exponent_or_a_constant_that_is_off_is_noticed(data, failing, judgement):
    found = data("excess")["limits"]
    off = found.assign(predicted=1.01 * found["predicted"])
    assert len(failing("excess", {"limits": off})) >= 2
    assert judgement("excess", {"limits": off}).verdict == "does not hold"
    steeper = found.assign(excess=found["excess"] ** 1.05)
    assert any("exponent" in check for check in failing("excess", {"limits": steeper}))


def test_a_law_too_many_and_one_that_drifts_are_noticed(data, failing, judgement):
    laws = data("laws")["laws"]
    more = {"laws": laws.assign(found=laws["found"] + 1)}
    assert len(failing("laws", more)) == 3
    assert judgement("laws", more).verdict == "does not hold"
    assert failing("laws", {"laws": laws.assign(drift=laws["other"])})


def test_soft_thresholding_keeps_the_singular_vectors():
    left, right = (np.linalg.qr(np.random.default_rng(0).standard_normal((d, 2)))[0] for d in (4, 3))
    found = soft_thresholded((left * [2.0, 0.5]) @ right.T, 0.75)
    np.testing.assert_allclose(found, 1.25 * np.outer(left[:, 0], right[:, 0]), atol=1e-12)


def test_one_measurement_by_hand():
    """λ = (1, ½), x = (e²ˢα, eˢα): with z = eˢ the limit solves αz² + ½αz = 1, and its excess is ½ αz."""
    alphas, spectra = np.array([1e-2, 1e-8]), np.array([[1.0, 0.5]])
    x = limits(spectra, np.array([1.0]), np.ones(2), alphas)
    z = (-0.5 * alphas + np.sqrt(0.25 * alphas**2 + 4 * alphas)) / (2 * alphas)
    np.testing.assert_allclose(x.sum(axis=1) - 1, 0.5 * alphas * z, rtol=1e-9)
    slacks, predicted = expansion(spectra, np.array([1.0, 0.0]), np.ones(2), alphas)
    np.testing.assert_allclose(slacks, [0.5])
    np.testing.assert_allclose(predicted, 0.5 * alphas**0.5)
