"""None of the claims on Theorem 1's probability, Section 5 at rank 10 and Section 6 would hold on the wrong data."""

import numpy as np
import pytest

from equipoise.papers import Verdict


@pytest.fixture(scope="module")
def data(quick):
    """The data of a claim in its quick form, run once."""
    return quick


@pytest.mark.parametrize(
    "claim", ["probability", "comparison", "section5", "biasedgradient", "sgd", "plateau", "spread"]
)
def test_the_right_data_passes(data, failing, claim):
    assert failing(claim, data(claim)) == set()


def test_one_path_that_leaves_is_noticed(data, failing):
    right = data("probability")
    far = right["limits"]["farthest"].copy()
    far[0, 3] = float(right["limits"]["epsilon"][0]) * 1.01
    spoiled = {**right, "limits": right["limits"].assign(farthest=far)}
    assert failing("probability", spoiled) == {
        "share within ε at every step, at the ε with the fewest",
        "largest distance over ε",
    }


def test_a_distance_that_does_not_fall_with_epsilon_is_noticed(data, failing):
    right = data("probability")
    level = right["limits"]["farthest"] / right["limits"]["epsilon"] * 0.1
    spoiled = {**right, "limits": right["limits"].assign(farthest=level)}
    assert failing("probability", spoiled) == {"exponent of the median distance in ε"}


def test_odds_that_do_not_depend_on_the_step_size_are_noticed(data, failing):
    right = data("probability")
    same = right["odds"]["farthest"].isel(step_size=0)
    spoiled = {**right, "odds": right["odds"].assign(farthest=same.broadcast_like(right["odds"]["farthest"]))}
    assert failing("probability", spoiled) == {"δ at η = 0.08", "change of ln δ per unit of 1/η"}
    none = right["odds"].assign(farthest=right["odds"]["farthest"] * 0)
    assert {"δ at η = 0.15", "change of ln δ per unit of 1/η"} <= failing("probability", {**right, "odds": none})


def test_paths_of_one_sign_are_noticed(data, failing):
    right = data("probability")
    spoiled = {**right, "limits": right["limits"].assign(sign=abs(right["limits"]["sign"]))}
    assert failing("probability", spoiled) == {"share of paths from the saddle that end at −(u*, v*)"}


def test_theorem1_is_judged_by_the_share_of_paths(data, judgement):
    right = data("probability")
    assert judgement("probability", right).verdict is Verdict.HOLDS
    far = right["limits"]["farthest"].copy()
    far[-1, ::10] = 1.0
    spoiled = {**right, "limits": right["limits"].assign(farthest=far)}
    found = judgement("probability", spoiled)
    assert found.verdict is Verdict.DOES_NOT_HOLD
    assert "90.0%" in found.because


def test_descent_that_fails_from_some_starts_is_noticed(data, failing, judgement):
    right = data("comparison")
    opposite = right["section5"]["same_sign"] == 0
    stuck = {**right, "section5": right["section5"].assign(steps=right["section5"]["steps"].where(~opposite))}
    assert {
        "section5: share that converges, opposite signs",
        "section5: steps per unit of ln(1/δ), times ln(1 + η)",
    } == failing("comparison", stuck)
    assert judgement("comparison", right).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("comparison", stuck).verdict is Verdict.HOLDS


def test_another_tail_of_descent_is_noticed(data, failing):
    right = data("comparison")
    median = right["du2018"]["steps"].median()
    longer = median + (right["du2018"]["steps"] - median) * 1.5
    spoiled = {**right, "du2018": right["du2018"].assign(steps=longer, balance=right["du2018"]["balance"] * 1.1)}
    assert failing("comparison", spoiled) == {
        "du2018: steps per unit of ln(1/δ), times ln(1 + η)",
        "du2018: largest |ln balance| at the end",
    }
    one = {**right, "du2018": right["du2018"].assign(same_sign=right["du2018"]["same_sign"] * 0)}
    assert "du2018: share of starts with opposite signs" in failing("comparison", one)


def test_the_balance_of_descent_does_not_pass_for_that_of_noise(data, failing, judgement):
    right = data("section5")
    for name, found in right.items():
        wrong = {**right, name: found.assign(balance=found["balance"] / found.attrs["gamma"])}
        assert failing("section5", wrong) == {f"{name}: median balance over γ"}
        assert judgement("section5", wrong).verdict is Verdict.DOES_NOT_HOLD
        # without the threshold of Theorem 2, and with unequal directions
        plain = {**right, name: found.assign(on_signal=found["on_signal"] * 0 + 1, gap=found["gap"] + 0.2)}
        assert failing("section5", plain) == {
            f"{name}: mean singular value on the signal",
            "largest ‖XᵀX − γ²YᵀY‖ over ‖XᵀX‖ at the end",
        }
    assert judgement("section5", right).verdict is Verdict.HOLDS


def test_bias_and_noise_cannot_be_exchanged(data, failing):
    right = data("biasedgradient")
    names = right["paths"]["variant"].values
    swapped = right["paths"].assign_coords(variant=[{"bias": "noise", "noise": "bias"}.get(n, n) for n in names])
    assert {
        "bias alone: rate of ‖x‖² − ‖y‖² over 2ησ², mean over η",
        "noise alone: rate of ‖x‖² − ‖y‖² over 2ησ², mean over η",
        "noise alone: exponent of that rate in η",
    } == failing("biasedgradient", {**right, "paths": swapped})
    slower = right["paths"].assign(norm_x=right["paths"]["norm_x"].isel(time=0) + 0 * right["paths"]["norm_x"])
    spoiled = failing("biasedgradient", {**right, "paths": slower})
    assert "Perturbed GD: rate of ‖x‖² − ‖y‖² over 2ησ², mean over η" in spoiled


def test_estimators_cannot_be_exchanged(data, failing, judgement):
    right = data("biasedgradient")
    swapped = right["estimators"].isel(by=[1, 0]).assign_coords(by=right["estimators"]["by"].values)
    spoiled = {**right, "estimators": swapped}
    assert failing("biasedgradient", spoiled) == {
        "bias of the perturbed gradient along x, over ‖x‖",
        "minibatch: |mean error| over its standard error",
    }
    assert judgement("biasedgradient", spoiled).verdict is Verdict.DOES_NOT_HOLD
    unbiased = right["estimators"]["error"] - right["estimators"]["error"].mean("draw")
    spoiled = {**right, "estimators": right["estimators"].assign(error=unbiased)}
    assert judgement("biasedgradient", spoiled).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("biasedgradient", right).verdict is Verdict.HOLDS


def test_the_noise_of_sgd_does_not_pass_for_that_of_perturbed_gd(data, failing):
    right = data("sgd")
    swapped = {**right, "perturbed": right["labels"], "labels": right["perturbed"]}
    assert {
        "Perturbed GD: balance",
        "noisy labels: balance",
        "Perturbed GD: exponent of the steps in η",
        "noisy labels: exponent of the steps in η",
    } <= failing("sgd", swapped)


def test_noise_that_does_not_die_is_noticed(data, failing, judgement):
    right = data("sgd")
    noisy = {**right, "batches": right["misfit"]}
    assert failing("sgd", noisy) == {
        "minibatches of an exact M: largest loss at the end",
        "minibatches of an exact M: balance at the end",
    }
    assert judgement("sgd", noisy).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("sgd", right).verdict is Verdict.NOT_DECIDED
    kept = {**right, "misfit": right["batches"].assign_attrs(predicted=right["misfit"].attrs["predicted"])}
    assert failing("sgd", kept) == {"minibatches of a noisy M: balance over its prediction"}


def test_a_plateau_without_balancing_is_noticed(data, failing, judgement):
    right = data("plateau")
    start = right["unbalanced"].sel(step=100)
    length = right["unbalanced"].sizes["step"]
    after = np.arange(length) > 20  # nothing moves after the decay
    stuck = right["unbalanced"].copy()
    for name in ("balance", "norm_x", "norm_y"):
        stuck[name] = stuck[name].where(~after, start[name])
    assert failing("plateau", {**right, "unbalanced": stuck}) == {
        "rate of ‖x‖² − ‖y‖² after the decay, over 2ησ²",
        "condition number at the end",
    }
    assert judgement("plateau", {**right, "unbalanced": stuck}).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("plateau", right).verdict is Verdict.HOLDS


def test_a_loss_that_does_not_fall_is_noticed(data, failing, judgement):
    right = data("plateau")
    flat = {name: found.assign(loss=found["loss"] * 0 + 1e-4) for name, found in right.items()}
    assert failing("plateau", flat) == {
        "factor by which the loss falls within 200 steps",
        "factor by which the loss falls from then to the end",
        "balanced start: factor by which the loss falls within 200 steps",
    }
    assert judgement("plateau", flat).verdict is Verdict.DOES_NOT_HOLD
    swapped = {"unbalanced": right["balanced"], "balanced": right["unbalanced"]}
    found = failing("plateau", swapped)
    assert "balanced start: factor by which the loss falls from then to the end" in found
    assert "condition number at the decay" in found


def test_another_spread_or_centre_is_noticed(data, failing, judgement):
    right = data("spread")
    for name, found in right.items():
        center = found["balance"].mean()
        wider = found.assign(balance=center + 1.8 * (found["balance"] - center))
        moved = found.assign(balance=found["balance"] + found.attrs["predicted_std"])
        (of_spread,) = failing("spread", {**right, name: wider})
        (of_mean,) = failing("spread", {**right, name: moved})
        assert of_spread.endswith("spread over the predicted one")
        assert of_mean.endswith("error of the mean in predicted spreads")
    assert judgement("spread", right).verdict is Verdict.NOT_DECIDED
