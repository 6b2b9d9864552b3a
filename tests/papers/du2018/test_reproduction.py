"""The whole paper in its quick form: every claim is there and holds, and none would hold on the wrong data."""

import pytest

OF_NETWORKS = ["theorem2.1", "corollary2.1", "theorem2.2", "theorem2.3", "discretization"]
OF_SECTION_1 = ["section1", "initializations"]
OF_APPENDIX = ["lemmaB.1", "equation15", "lemmaB.2", "equation19", "equation24", "lemmaC.1", "lemmaC.2"]
OF_TEXT = ["figure1", *OF_NETWORKS, "theorem3.1", "lemma3.2", "theorem3.2", "figure2", "futurework"]
IDS = [*OF_SECTION_1, *OF_TEXT, *OF_APPENDIX]
FIGURES = [*OF_SECTION_1, *OF_TEXT, "lemmaB.1", "equation15", "lemmaC.1"]


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, claim):
    assert_claim(claim)


def test_nothing_else_is_there_and_every_choice_is_named(verdicts):
    assert sorted(verdicts) == sorted(IDS)
    assert all(verdict["choices"] for verdict in verdicts.values())


@pytest.mark.parametrize("claim", FIGURES)
def test_figures_are_drawn_for_screen_and_print(assert_drawn, claim):
    assert_drawn(claim)


def test_a_penalty_makes_a_difference(data, failing):
    paths = data("figure1")["paths"]
    swapped = paths.assign_coords(penalty=paths["penalty"].values[::-1])
    assert len(failing("figure1", {"paths": swapped})) >= 2


def test_a_ratio_that_is_off_is_noticed(data, failing):
    paths = data("figure1")["paths"]
    square = paths.assign(norm_x=paths["norm_x"].where(paths["setting"] != "200 x 200, rank 10", 1.2 * paths["norm_x"]))
    assert "square M: largest |‖U‖²/‖V‖² − 1| at any step, without penalty" in failing("figure1", {"paths": square})
    first = paths["norm_y"].where(paths["step"] > 0, paths["norm_x"])
    assert failing("figure1", {"paths": paths.assign(norm_y=first)}) >= {
        "30 x 20, small starts: median ‖U‖²/‖V‖² at the start"
    }


def test_the_printed_step_size_does_not_pass_for_one_that_arrives(data, failing):
    right = data("theorem3.1")
    assert len(failing("theorem3.1", {**right, "printed": right["provable"], "provable": right["printed"]})) >= 2
    cost = right["cost"]
    assert failing("theorem3.1", {**right, "cost": cost.assign_coords(schedule=cost["schedule"].values[::-1])})
    slower = right["larger"].assign(error=right["larger"]["error"] ** 0.9)
    assert len(failing("theorem3.1", {**right, "larger": slower})) == 2


def test_a_step_size_that_takes_longer_or_no_time_is_noticed(data, failing):
    right = data("theorem3.1")
    cost = right["cost"]
    largest = cost["schedule"] == "largest of the proof, δ = 0.05"
    for more, which in ((2.0, "largest"), (-2.0, "smallest")):
        moved = cost.assign(log10_steps=cost["log10_steps"] + more * largest)
        assert failing("theorem3.1", {**right, "cost": moved}) == {
            f"largest step size of the proof, ε from 1/10: {which} log₁₀ of the steps to ε"
        }


@pytest.mark.parametrize("name", ["largest_gap", "largest_norm", "first_loss", "largest_growth"])
def test_each_bound_of_lemma_3_1_can_be_passed(data, name, failing):
    right = data("theorem3.1")
    beyond = right["printed"].assign({name: right["printed"][name] / right["printed"][name].max() * 1.01})
    assert len(failing("theorem3.1", {**right, "printed": beyond})) == 1


def test_a_saddle_that_is_none_would_be_noticed(data, failing):
    right = data("lemma3.2")
    points = right["points"]
    least = points["smallest_eigenvalue"]
    flat = points.assign(smallest_eigenvalue=least.where(least < -1, 0.0))
    assert len(failing("lemma3.2", {**right, "points": flat})) >= 2
    assert len(failing("lemma3.2", {**right, "points": points.assign(gap=0 * points["gap"])})) >= 2
    assert len(failing("lemma3.2", {**right, "points": points.assign(cross=0 * points["cross"])})) >= 2
    elsewhere = right["found"].assign(away=right["found"]["away"] + 1)
    assert len(failing("lemma3.2", {**right, "found": elsewhere})) == 1


def test_signs_and_step_sizes_are_told_apart(data, failing):
    right = data("theorem3.2")
    stages = right["stages"]
    assert len(failing("theorem3.2", {**right, "stages": stages.assign(same_sign=1 - stages["same_sign"])})) >= 3
    other = stages.assign_coords(c_step=stages["c_step"].values[::-1])
    assert len(failing("theorem3.2", {**right, "stages": other})) >= 2
    everything = stages.assign(event=1 + 0 * stages["event"])
    assert len(failing("theorem3.2", {**right, "stages": everything})) >= 3


def test_readings_of_the_start_are_told_apart(data, failing):
    right = data("theorem3.2")
    readings = right["readings"]
    swapped = readings.assign_coords(reading=readings["reading"].values[::-1])
    assert len(failing("theorem3.2", {**right, "readings": swapped})) == 3
    smaller = right["stages"].assign(c_init=1e-4)
    (name,) = failing("theorem3.2", {**right, "stages": smaller})
    assert name.startswith("c_init up to which")


def test_a_time_or_a_path_that_is_off_is_noticed(data, failing):
    right = data("theorem3.2")
    slower = {**right, "times": right["times"] * 1.03}
    assert failing("theorem3.2", slower) == {"steps per unit of ln d", "steps per unit of ln(1/ε)"}
    full = right["full"].copy(deep=True)
    full["beta_off"][:, 0] += 1e-9
    assert len(failing("theorem3.2", {**right, "full": full})) == 1


def test_a_method_that_breaks_the_laws_does_not_pass_for_one_that_keeps_them(data, failing):
    right = data("futurework")
    drift, later = right["drift"], right["later"]
    other = {"gradient descent": "Adam", "Adam": "gradient descent"}
    swapped = drift.assign_coords(rule=[other.get(rule, rule) for rule in drift["rule"].values.tolist()])
    assert len(failing("futurework", {**right, "drift": swapped})) >= 3
    assert len(failing("futurework", {**right, "later": later.assign_coords(rule=later["rule"].values[::-1])})) == 2
    assert len(failing("futurework", {**right, "drift": drift.assign(found=drift["found"] + 1)})) == 1


def _renamed(dataset, coordinate, names):
    """The dataset with some labels of a coordinate exchanged."""
    exchanged = {**names, **{new: old for old, new in names.items()}}
    labels = [exchanged.get(label, label) for label in dataset[coordinate].values.tolist()]
    return dataset.assign_coords({coordinate: labels})


def test_a_sigmoid_does_not_pass_for_a_relu(data, failing):
    right = data("theorem2.1")
    for name, failures in (("paths", 2), ("derivatives", 2)):
        swapped = {**right, name: _renamed(right[name], "activation", {"ReLU": "sigmoid"})}
        assert len(failing("theorem2.1", swapped)) == failures


def test_a_law_that_hangs_on_the_subgradient_is_noticed(data, failing):
    right = data("theorem2.1")
    kinks = right["kinks"]
    for name, spoiled, check in (
        ("rate", kinks["rate"].where(kinks["choice"] != 0.5, 1e-9), "any φ′(0): largest d/dt of a difference"),
        ("share", 0 * kinks["share"], "smallest share of activations at 0"),
        ("turn", 1e-6 * kinks["turn"], "log₁₀ of the median change of the gradient"),
    ):
        (failed,) = failing("theorem2.1", {**right, "kinks": kinks.assign({name: spoiled})})
        assert check in failed


def test_a_lost_path_is_noticed(data, failing):
    for claim in ("theorem2.1", "theorem2.3"):
        right = data(claim)
        paths = right["paths"].copy(deep=True)
        paths["squared_norms"][{"replicate": 1, "time": -1}] = float("nan")
        assert len(failing(claim, {**right, "paths": paths})) >= 2


def test_starts_of_two_sizes_are_told_apart(data, failing):
    paths = data("corollary2.1")["paths"]
    assert len(failing("corollary2.1", {"paths": _renamed(paths, "size", {1.0: 3.0})})) >= 2
    drifting = paths.assign(norm_differences=paths["norm_differences"] + 0.1 * paths["time"])
    assert len(failing("corollary2.1", {"paths": drifting})) == 1
    still = paths.assign(norm_ratios=paths["norm_ratios"].isel(time=0).broadcast_like(paths["norm_ratios"]))
    assert len(failing("corollary2.1", {"paths": still})) == 3


def test_the_place_of_the_linear_activation_matters(data, failing):
    right = data("theorem2.2")
    assert len(failing("theorem2.2", {**right, "path0": right["path1"], "path1": right["path0"]})) == 4
    elsewhere = right["path2"].assign(out1=right["path2"]["out1"] * 1.05)
    assert len(failing("theorem2.2", {**right, "path2": elsewhere})) == 2


def test_layers_that_drift_and_neurons_that_do_not_are_noticed(data, failing):
    right = data("theorem2.3")
    paths = right["paths"]
    drifting = paths.assign(norm_differences=paths["norm_differences"] * (1 + 0.1 * paths["time"]))
    assert len(failing("theorem2.3", {**right, "paths": drifting})) == 2
    assert len(failing("theorem2.3", {**right, "paths": paths.assign(neurons=0 * paths["neurons"])})) == 1
    assert len(failing("theorem2.3", {**right, "derivatives": right["derivatives"] + 1e-9})) == 1


def test_another_order_in_the_step_size_is_noticed(data, failing):
    right = data("discretization")
    paths, every = right["paths"], right["every_step"]
    change = paths["norm_differences"] - paths["norm_differences"].isel(time=0)
    second = paths.assign(norm_differences=change * paths["step_size"] / paths["step_size"].max())
    assert len(failing("discretization", {**right, "paths": second})) == 3
    other = paths.assign(gradient_squares=1.2 * paths["gradient_squares"])
    assert len(failing("discretization", {**right, "paths": other})) == 1
    steeper = every.assign(gradient_squares=1.001 * every["gradient_squares"])
    assert len(failing("discretization", {**right, "every_step": steeper})) == 1


def test_the_two_starts_of_the_network_cannot_be_exchanged(data, failing):
    right = data("figure2")
    paths, variants = right["paths"], right["variants"]
    swapped = paths.assign_coords(start=paths["start"].values[::-1])
    assert len(failing("figure2", {**right, "paths": swapped})) >= 5
    swapped = variants.assign_coords(start=variants["start"].values[::-1])
    assert failing("figure2", {**right, "variants": swapped}) == {
        "other data: balanced: largest |ratio − 1| at the end"
    }


def test_a_network_that_loses_its_balance_is_noticed(data, failing):
    right = data("figure2")
    paths, variants = right["paths"], right["variants"]
    drift = 0.1 * paths["step"] / paths["step"].max()
    off = paths.assign(norm_differences=paths["norm_differences"] + drift)
    assert {"balanced: largest difference (printed: 0.14)", "unbalanced: largest change of a difference"} <= failing(
        "figure2", {**right, "paths": off}
    )
    off = variants.assign(
        norm_differences=variants["norm_differences"] * (1 + variants["step"] / variants["step"].max())
    )
    assert len(failing("figure2", {**right, "variants": off})) == 1


def test_a_network_that_stands_still_or_drifts_alike_at_every_step_size_is_noticed(data, failing):
    right = data("figure2")
    still = right["paths"].isel(step=slice(0, 3))
    assert len(failing("figure2", {**right, "paths": still})) >= 4
    whole = right["paths"].sel(start="unbalanced", drop=True)
    name = "change of a difference with half the step size over that with all of it"
    assert name in failing("figure2", {**right, "halved": whole})


def test_norms_are_compared_with_the_printed_ones_on_a_network_of_the_printed_size(data, failing):
    right = data("figure2")
    large = right["paths"].assign(squared_norms=1.5 * right["paths"]["squared_norms"])
    assert not failing("figure2", {**right, "paths": large})
    names = failing("figure2", {**right, "paths": large.assign(inputs=1000)})
    assert len(names) == 6
    assert all("(expected: printed)" in name for name in names)


def test_norms_that_do_not_follow_the_targets_are_noticed(data, failing):
    right = data("figure2")
    scales = right["scales"]
    same = scales.assign(squared_norms=scales["squared_norms"].isel(scale=0).broadcast_like(scales["squared_norms"]))
    assert failing("figure2", {**right, "scales": same}) == {
        "targets half as large: mean ‖W_h‖² at the end over that before"
    }
