"""The whole paper in its quick form: every claim is there and holds, and none would hold on the wrong data."""

import numpy as np
import pytest

from equipoise.papers import Verdict

LATER = ["probability", "comparison", "section5", "biasedgradient", "sgd", "plateau", "spread"]
IDS = [
    *(f"lemma{i}" for i in range(1, 8)),
    "theorem1",
    "theorem2",
    *(f"figure{i}" for i in range(1, 7)),
    "discussion",
    *LATER,
]
FIGURES = ["theorem1", "theorem2", "lemma2", "lemma4", "lemma7", *(f"figure{i}" for i in range(1, 7)), "discussion"]
FIGURES += LATER


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, claim):
    assert_claim(claim)


@pytest.mark.parametrize("claim", ["lemma1", "lemma2", "lemma3", "theorem2"])
def test_everything_recorded_says_what_it_is(assert_described, claim):
    assert_described(claim)


@pytest.mark.parametrize("claim", FIGURES)
def test_figures_are_drawn_for_screen_and_print(assert_drawn, claim):
    assert_drawn(claim)


def test_the_page_shows_every_claim(out):
    page = (out / "index.html").read_text()
    assert all(f'id="{claim}"' in page for claim in IDS)


def test_boxes_of_descent_do_not_pass_for_perturbed(data, failing):
    boxes = data("figure2")
    for noisy, plain in (("a", "f"), ("b", "e"), ("c", "f"), ("g", "d")):
        wrong = boxes[plain].assign_attrs(expected=boxes[noisy].attrs["expected"])
        assert f"{noisy}: median balance" in failing("figure2", {**boxes, noisy: wrong}), noisy
    assert failing("figure2", {**boxes, "e": boxes["b"].assign_attrs(expected=float("nan"), rank=1)})


@pytest.mark.parametrize("claim", ["lemma5", "figure5", "figure6"])
def test_the_two_methods_cannot_be_exchanged(data, failing, claim):
    right = data(claim)
    other = {"perturbed": "descent", "descent": "perturbed"}
    swapped = {}
    for name, dataset in right.items():
        parts = name.split("_")
        swapped["_".join(other.get(part, part) for part in parts)] = dataset
    assert len(failing(claim, swapped)) >= 2


def spiked(path, value):
    """The path with one late value of one replicate replaced."""
    values = path.copy(deep=True)
    moment = "step" if "step" in path.dims else "time"
    values[{dim: -2 if dim == moment else 0 for dim in path.dims}] = value
    return values


def with_variable(right, part, variable, values):
    """The data with one variable replaced."""
    return {**right, part: right[part].assign({variable: values})}


def test_a_single_step_far_from_the_optimum_is_noticed(data, failing, judgement):
    right = data("theorem1")
    left = with_variable(right, "perturbed", "farthest", spiked(right["perturbed"]["farthest"], 0.1))
    assert failing("theorem1", left) == {"tiny: largest distance of every step from t₁ to T₁"}
    within_reach = with_variable(right, "beyond", "status", right["beyond"]["status"].where(False, "completed"))
    assert judgement("theorem1", right).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("theorem1", within_reach).verdict is Verdict.HOLDS
    assert judgement("theorem1", {**left, "beyond": within_reach["beyond"]}).verdict is Verdict.DOES_NOT_HOLD
    assert failing("theorem1", within_reach) == {"start beyond 2/η: share of replicates that diverge"}


@pytest.mark.parametrize(
    ("part", "variable", "factor", "check"),
    [
        ("perturbed", "exits", 10, "exits from within 0.0575 per 1/η² steps, η = 0.01 over η = 0.02"),
        ("coarse", "exits", 0.1, "exits from within 0.0575 per 1/η² steps, η = 0.02"),
        ("perturbed", "on_signal_x", 1.01, "constant σ: mean of |u*ᵀx|"),
        ("decaying", "distance", 10, "decaying σ: mean distance at the end"),
        ("huge_descent", "distance", 1e-3, "huge: share of GD's replicates within ε"),
        ("huge_descent", "distance", 1e-3, "huge: median distance at the end of GD"),
        ("unbalanced_descent", "distance", 1e-3, "unbalanced: share of GD's replicates within ε"),
    ],
)
def test_another_measurement_of_theorem_1_would_fail(data, failing, part, variable, factor, check):
    right = data("theorem1")
    assert check in failing("theorem1", with_variable(right, part, variable, factor * right[part][variable]))


def test_a_slower_decay_off_the_signal_is_noticed(data, failing):
    right = data("lemma4")
    paths = right["paths"]
    tilted = paths.assign(off_signal_x=paths["off_signal_x"] * paths["step_size"] ** 0.1)
    assert "exponent of ‖x⊥‖² + ‖y⊥‖² in η" in failing("lemma4", {**right, "paths": tilted})
    most = {
        f"largest_off_signal_{side}": paths[f"largest_off_signal_{side}"] * paths["step_size"] ** 0.2 for side in "xy"
    }
    assert "exponent of the largest ‖x⊥‖² + ‖y⊥‖² in η" in failing("lemma4", {**right, "paths": paths.assign(most)})


def test_a_single_large_step_off_the_signal_is_noticed(data, failing, judgement):
    right = data("lemma4")
    check = "largest ‖x⊥‖² of every step over the predicted mean"
    for part, name in (("paths", check), ("huge", f"huge starts: {check}")):
        far = with_variable(right, part, "largest_off_signal_x", spiked(right[part]["largest_off_signal_x"], 0.5))
        assert name in failing("lemma4", far)
        assert judgement("lemma4", far).verdict is Verdict.HOLDS
        farther = with_variable(right, part, "largest_off_signal_x", spiked(right[part]["largest_off_signal_x"], 500))
        assert judgement("lemma4", farther).verdict is Verdict.DOES_NOT_HOLD


def test_starts_on_the_wrong_side_of_the_hypothesis_of_lemma_4_are_noticed(data, failing):
    right = data("lemma4")
    larger = with_variable(right, "paths", "largest_square", 10 * right["paths"]["largest_square"])
    smaller = with_variable(right, "huge", "largest_square", 0.2 * right["huge"]["largest_square"])
    assert failing("lemma4", larger) == {"largest ‖x‖² + ‖y‖² of every step over 2/σ²"}
    assert failing("lemma4", smaller) == {"huge starts: smallest ‖x‖² + ‖y‖² at the start over 2/σ²"}


def test_an_escape_that_waits_for_the_noise_is_noticed(data, failing):
    right = data("lemma5")
    for part, along, symbol in (("by_noise", "variance", "σ²"), ("by_step_size", "step_size", "η")):
        grid = right[part]
        slow = grid["escape"] * (grid[along] / float(grid[along][0])) ** -0.5
        failed = failing("lemma5", with_variable(right, part, "escape", slow))
        assert failed == {
            f"exponent of the median time in {symbol}",
            f"over {symbol}: median time over the predicted one, mean",
        }


def test_a_return_to_the_saddle_is_noticed(data, failing, judgement):
    right = data("lemma5")
    back = with_variable(right, "perturbed", "alignment", spiked(right["perturbed"]["alignment"], 0.1))
    assert failing("lemma5", back) == {"saddle: smallest xᵀMy of every step from 2/η after the slowest on"}
    assert judgement("lemma5", right).verdict is Verdict.HOLDS
    assert judgement("lemma5", back).verdict is Verdict.DOES_NOT_HOLD
    never = with_variable(right, "perturbed", "alignment", 0 * right["perturbed"]["alignment"])
    assert "tiny: share of replicates that pass ¼" in failing("lemma5", never)
    assert judgement("lemma5", never).verdict is Verdict.DOES_NOT_HOLD


@pytest.mark.parametrize(
    ("part", "variable", "change", "check"),
    [
        ("by_noise", "least_alignment", lambda v, d: v - 0.4, "smallest xᵀMy of every step, the hypothesis"),
        (
            "by_noise",
            "largest_residual",
            lambda v, d: spiked(v, 0.3),
            "largest residual of every step from ηt = 15 on, over σ²",
        ),
        ("by_noise", "residual", lambda v, d: v * d["variance"] ** -0.3, "exponent of the mean residual in σ²"),
        ("by_noise", "residual", lambda v, d: 1.3 * v, "residual over 2σ²/(‖x‖² + ‖y‖²), mean"),
        ("by_noise", "arrival_at_epsilon", lambda v, d: 8 * v, "latest arrival below ε, in units of log(1/σ)/η"),
        (
            "by_step_size",
            "arrival",
            lambda v, d: v * d["step_size"] ** 0.4,
            "exponent of the median time of arrival in η",
        ),
        (
            "by_step_size",
            "arrival",
            lambda v, d: 0 * v + 1,
            "latest over earliest arrival among the starts, smallest over η",
        ),
    ],
)
def test_another_measurement_of_lemma_6_would_fail(data, failing, part, variable, change, check):
    right = data("lemma6")
    spoiled = with_variable(right, part, variable, change(right[part][variable], right[part]))
    assert check in failing("lemma6", spoiled)


def test_a_residual_above_the_printed_one_is_judged(data, judgement):
    right = data("lemma6")
    assert judgement("lemma6", right).verdict is Verdict.HOLDS
    left = with_variable(right, "by_noise", "largest_residual", spiked(right["by_noise"]["largest_residual"], 0.3))
    assert judgement("lemma6", left).verdict is Verdict.DOES_NOT_HOLD


def with_difference(grid, difference):
    """The grid with ‖x‖² − ‖y‖² replaced at the same ‖x‖² + ‖y‖²."""
    total = grid["norm_x"] ** 2 + grid["norm_y"] ** 2 + abs(difference)
    norms = {"norm_x": ((total + difference) / 2) ** 0.5, "norm_y": ((total - difference) / 2) ** 0.5}
    return grid.assign({**norms, "balance": norms["norm_x"] / norms["norm_y"]})


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda d: 1 + d["time"] * 0.3, "time times ησ², mean over the starts"),
        (lambda d: np.exp(0.4 * d["time"] * (d["start"] == 16)), "time times ησ², largest over the starts"),
        (lambda d: np.exp(-0.6 * d["time"] * (d["start"] == 1 / 16)), "time times ησ², smallest over the starts"),
        (lambda d: np.exp(2 * d["time"] * (1 - (d["step_size"] / 0.02) ** 0.2)), "exponent of the time in η"),
        (lambda d: np.exp(2 * d["time"] * (1 - (d["variance"] / 0.08) ** 0.2)), "exponent of the time in σ²"),
        (lambda d: np.exp(1.9 * d["time"]), "largest unevenness at the last time, relative to the start"),
    ],
)
def test_another_time_of_balancing_is_noticed(data, failing, change, check):
    right = data("lemma7")
    grid = right["grid"]
    slower = with_difference(grid, (grid["norm_x"] ** 2 - grid["norm_y"] ** 2) * change(grid))
    assert check in failing("lemma7", {**right, "grid": slower})


def test_starts_near_balance_are_noticed(data, failing):
    right = data("lemma7")
    balance = right["grid"]["balance"]
    failed = failing("lemma7", with_variable(right, "grid", "balance", balance**0.5))
    assert failed >= {"smallest balance at the start", "largest balance at the start"}


def test_a_distance_beyond_the_residual_is_noticed(data, failing, judgement):
    right = data("lemma7")
    far = with_variable(right, "whole", "distance", spiked(right["whole"]["distance"], 1.0))
    assert failing("lemma7", far) == {"distance to ±(u*, v*) from τ₄ to T₁ over the residual, largest"}
    assert judgement("lemma7", right).verdict is Verdict.HOLDS
    assert judgement("lemma7", far).verdict is Verdict.DOES_NOT_HOLD


def test_covariances_and_tails_cannot_be_exchanged(data, failing, judgement):
    right = data("discussion")
    aligned = {**right, "aligned": right["isotropic"], "crossed": right["isotropic"]}
    assert len(failing("discussion", aligned)) >= 4
    assert judgement("discussion", right).verdict is Verdict.HOLDS
    assert judgement("discussion", aligned).verdict is Verdict.DOES_NOT_HOLD
    tails = {**right, "t2.5": right["gaussian"], "t1.5": right["gaussian"]}
    assert len(failing("discussion", tails)) == 2
    assert judgement("discussion", tails).verdict is Verdict.DOES_NOT_HOLD


def test_the_unsmoothed_valley_has_no_isolated_minima(data, failing):
    right = data("figure1")
    ends = right["minima"]["minimum"] * 1.001
    assert failing("figure1", {**right, "minima": right["minima"].assign(minimum=ends)})


@pytest.mark.parametrize(
    ("claim", "part", "variable", "check"),
    [
        ("figure1", "minima", "lowest_on_hyperbola", "x on xy = 1 where the smoothed objective is least"),
        ("figure5", "curvature", "flattest", "x where the valley is flattest"),
        ("figure5", "curvature", "climb", "height that a path from (1, 1) to (−1, −1) must climb"),
        ("lemma2", "random", "flattest", "random: α of the flattest minimum"),
    ],
)
def test_a_place_beside_the_flattest_is_noticed(data, failing, claim, part, variable, check):
    right = data(claim)
    assert failing(claim, with_variable(right, part, variable, 1.001 * right[part][variable])) == {check}


def test_optima_in_one_piece_would_be_judged_as_printed(data, judgement):
    right = data("figure5")
    assert judgement("figure5", right).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("figure5", with_variable(right, "curvature", "climb", 0.0)).verdict is Verdict.HOLDS


def test_figure_4_is_that_of_the_update_without_a_factor_2(data, failing, judgement):
    right = data("figure4")
    doubled = {**right, "descent_early": right["doubled"], "descent_late": right["doubled"]}
    assert failing("figure4", doubled) >= {
        "step from which x²/y² of GD is within 5% of its end",
        "x²/y² after 40 steps of GD",
        "x²/y² at the end of GD",
        "x²/y² of Perturbed GD against GD's, largest departure of the median in 40 steps",
    }
    assert judgement("figure4", right).verdict is Verdict.HOLDS
    assert judgement("figure4", doubled).verdict is Verdict.DOES_NOT_HOLD
    assert failing("figure4", {**right, "doubled": right["descent_early"]}) == {
        "with a factor 2: step from which x²/y² of GD is within 5% of its end",
        "with a factor 2: x²/y² at the end of GD",
    }


def test_a_path_that_stays_unbalanced_is_noticed(data, failing, judgement):
    right = data("figure4")
    stuck = {**right, "perturbed_late": right["perturbed_late"].isel(step=slice(0, 100))}
    assert len(failing("figure4", stuck)) == 2
    assert judgement("figure4", stuck).verdict is Verdict.DOES_NOT_HOLD


def test_one_replicate_off_its_balance_is_judged(data, judgement):
    right = data("figure2")
    assert judgement("figure2", right).verdict is Verdict.HOLDS
    balance = right["b"]["balance"].copy(deep=True)
    balance[{"replicate": 0, "step": -1}] = 1.1
    assert judgement("figure2", with_variable(right, "b", "balance", balance)).verdict is Verdict.DOES_NOT_HOLD


def test_a_strict_saddle_at_the_edge_would_be_judged_as_printed(data, judgement):
    right = data("lemma3")
    assert judgement("lemma3", right).verdict is Verdict.DOES_NOT_HOLD
    negative = with_variable(right, "edges", "smallest_eigenvalue", right["edges"]["smallest_eigenvalue"] - 0.1)
    assert judgement("lemma3", negative).verdict is Verdict.HOLDS


def test_a_third_type_of_stationary_point_is_judged(data, judgement):
    right = data("lemma1")
    assert judgement("lemma1", right).verdict is Verdict.HOLDS
    third = with_variable(right, "search", "to_saddles", right["search"]["to_saddles"] + 0.1)
    assert judgement("lemma1", third).verdict is Verdict.DOES_NOT_HOLD


def test_another_condition_number_is_judged(data, judgement):
    right = data("lemma2")
    assert judgement("lemma2", right).verdict is Verdict.HOLDS
    other = with_variable(right, "axes", "condition_expected", right["axes"]["condition_expected"] - 1)
    assert judgement("lemma2", other).verdict is Verdict.DOES_NOT_HOLD


def test_an_unbalanced_stationary_point_is_judged(data, judgement):
    right = data("theorem2")
    assert judgement("theorem2", right).verdict is Verdict.HOLDS
    unbalanced = with_variable(right, "searched", "gap", right["searched"]["gap"] + 1e-3)
    assert judgement("theorem2", unbalanced).verdict is Verdict.DOES_NOT_HOLD


def test_a_balance_that_comes_with_the_loss_is_judged(data, judgement):
    right = data("figure6")
    assert judgement("figure6", right).verdict is Verdict.HOLDS
    at_once = with_variable(right, "rank1_perturbed", "balance", 0 * right["rank1_perturbed"]["balance"] + 1)
    assert judgement("figure6", at_once).verdict is Verdict.DOES_NOT_HOLD
