"""The whole paper in its quick form: every claim is there and holds, and none would hold on the wrong data."""

import pytest

IDS = [
    *("figure1", "figure2", "figure3.1", "figure3.2", "figure3.3", "figure3.4", "figure4"),
    *("conjecture", "warmup", "m1", "kkt", "theorem1", "corollary2", "deep"),
    *("algorithms", "multitask", "lift", "localminima", "control", "finitesteps", "closure", "commutators", "momentum"),
]
FIGURES = [name for name in IDS if name not in ("warmup", "m1", "algorithms", "multitask", "lift")]


@pytest.mark.parametrize("claim", IDS)
def test_every_claim_is_there_and_holds(assert_claim, claim):
    assert_claim(claim)


def test_nothing_else_is_there_and_every_choice_is_named(verdicts):
    assert sorted(verdicts) == sorted(IDS)
    assert all(verdict["choices"] for verdict in verdicts.values())


@pytest.mark.parametrize("claim", ["figure1", "kkt", "figure4"])
def test_everything_recorded_says_what_it_is(assert_described, claim):
    assert_described(claim)


@pytest.mark.parametrize("claim", FIGURES)
def test_figures_are_drawn_for_screen_and_print(assert_drawn, claim):
    assert_drawn(claim)


def test_a_large_start_does_not_pass_for_a_small_one(data, failing):
    solutions = data("figure1")
    other = {"small": "large", "large": "small"}
    swapped = {
        name: panel.assign_coords(rule=[other.get(rule, rule) for rule in panel["rule"].values.tolist()])
        for name, panel in solutions.items()
    }
    assert len(failing("figure1", swapped)) >= 2
    assert len(failing("figure2", swapped)) >= 3


@pytest.mark.parametrize("claim", ["figure3.1", "figure3.2", "figure3.3"])
def test_the_solution_without_factors_does_not_pass_for_the_flow(data, failing, claim):
    table = data(claim)["solutions"]
    exchanged = {"flow": "projected", "projected": "flow"}
    names = [exchanged.get(name, name) for name in table["solution"].values.tolist()]
    assert len(failing(claim, {"solutions": table.assign_coords(solution=names)})) >= 2


def test_a_path_off_the_closed_form_is_noticed(data, failing):
    right = data("theorem1")
    bent = right["path"].assign(flow=right["path"]["flow"] * 1.001)
    assert "eigenvalues against exp(A*(s)) X₀ exp(A*(s))" in failing("theorem1", {**right, "path": bent})
    slow = right["limits"].assign(excess=right["limits"]["excess"] ** 0.5)
    assert "exponent of the excess in α over the dual's least slack" in failing("theorem1", {**right, "limits": slow})


def test_a_limit_of_larger_norm_is_noticed(data, failing):
    limits = data("m1")["limits"]
    assert len(failing("m1", {**data("m1"), "limits": limits.assign(excess=limits["excess"] + 0.01)})) >= 2
    limits = data("corollary2")["limits"]
    assert failing("corollary2", {"limits": limits.assign(x=limits["x"] * 1.01)})
    table = data("warmup")["limits"]
    moved = table.assign_coords(algorithm=table["algorithm"].values[::-1])
    assert len(failing("warmup", {"limits": moved})) >= 2


def test_a_wrong_optimum_that_is_certified_would_be_noticed(data, failing):
    table = data("kkt")["residuals"]
    assert len(failing("kkt", {"residuals": table.assign(proven=1 - table["proven"])})) == 4


def test_an_excess_that_vanishes_is_no_counterexample(data, failing):
    right = data("conjecture")
    few = right["few"].assign(excess=right["few"]["excess"] * right["few"]["norm"] ** 0.5)
    assert any(name.startswith("few") for name in failing("conjecture", {**right, "few": few}))
    assert any(name.startswith("many") for name in failing("conjecture", {**right, "many": right["few"]}))


def test_depth_cannot_be_exchanged(data, failing):
    right = data("deep")
    names = {"depth 2": "depth 3", "depth 3": "depth 2"}
    limits = right["limits"]
    swapped = limits.assign_coords(limit=[names.get(name, name) for name in limits["limit"].values.tolist()])
    assert failing("deep", {**right, "limits": swapped})


def test_ratings_that_are_only_filled_up_do_not_pass(data, failing):
    right = data("figure3.4")
    names = {"descent": "zero-filled", "zero-filled": "descent"}
    table = right["solutions"]
    swapped = table.assign_coords(solution=[names.get(name, name) for name in table["solution"].values.tolist()])
    assert len(failing("figure3.4", {**right, "solutions": swapped})) >= 2
