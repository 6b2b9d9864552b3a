"""What the paper prints is judged by the data: other data turn the verdict."""

import numpy as np
import pytest

from equipoise.papers import Verdict
from equipoise.papers.du2018.figure1 import NOT_SQUARE, SQUARE
from equipoise.papers.du2018.shared.readings import PRINTED

HOLDING = ["theorem2.1", "corollary2.1", "theorem2.2", "theorem2.3", "discretization", "lemma3.2"]
OPEN = ["figure1", "theorem3.1", "figure2", "futurework"]


@pytest.mark.parametrize("claim", HOLDING)
def test_these_hold_as_printed(data, judgement, claim):
    assert judgement(claim, data(claim)).verdict is Verdict.HOLDS


@pytest.mark.parametrize("claim", OPEN)
def test_these_are_not_decided_by_the_quick_form(data, judgement, claim):
    assert judgement(claim, data(claim)).verdict is Verdict.NOT_DECIDED


def _fails(judgement, claim, data):
    return judgement(claim, data).verdict is Verdict.DOES_NOT_HOLD


def test_the_ratio_of_figure_1_hangs_on_the_shape(data, judgement):
    paths = data("figure1")["paths"]
    for setting, verdict in ((SQUARE, Verdict.DOES_NOT_HOLD), (NOT_SQUARE, Verdict.NOT_DECIDED)):
        off = paths.assign(norm_x=paths["norm_x"].where(paths["setting"] != setting, 2 * paths["norm_x"]))
        assert judgement("figure1", {"paths": off}).verdict is verdict
    constant = paths.assign(norm_x=paths["norm_y"])
    assert judgement("figure1", {"paths": constant}).verdict is Verdict.HOLDS
    slow = constant.assign(error=constant["error"].where(constant["penalty"] != "without", constant["error"] ** 0.4))
    assert _fails(judgement, "figure1", {"paths": slow})


def test_a_neuron_that_drifts_or_hangs_on_the_subgradient_refutes_theorem_2_1(data, judgement):
    right = data("theorem2.1")
    for name in ("derivatives", "kinks"):
        assert _fails(judgement, "theorem2.1", {**right, name: right[name].assign(rate=right[name]["rate"] + 1e-9)})
    paths = right["paths"]
    drifting = paths.assign(neuron_differences=paths["neuron_differences"] + 0.1 * paths["time"])
    assert _fails(judgement, "theorem2.1", {**right, "paths": drifting})


def test_layers_that_stay_apart_refute_corollary_2_1(data, judgement):
    paths = data("corollary2.1")["paths"]
    apart = paths.assign(norm_ratios=paths["norm_ratios"].isel(time=0).broadcast_like(paths["norm_ratios"]))
    assert _fails(judgement, "corollary2.1", {"paths": apart})
    drifting = paths.assign(norm_differences=paths["norm_differences"] + 0.1 * paths["time"])
    assert _fails(judgement, "corollary2.1", {"paths": drifting})


def test_a_matrix_that_changes_refutes_theorem_2_2(data, judgement):
    right = data("theorem2.2")
    assert _fails(
        judgement, "theorem2.2", {**right, "path2": right["path2"].assign(out1=1.05 * right["path2"]["out1"])}
    )
    assert _fails(judgement, "theorem2.2", {**right, "derivatives": right["derivatives"] + 1e-9})


def test_layers_that_drift_refute_theorem_2_3(data, judgement):
    right = data("theorem2.3")
    paths = right["paths"]
    drifting = paths.assign(norm_differences=paths["norm_differences"] * (1 + 0.1 * paths["time"]))
    assert _fails(judgement, "theorem2.3", {**right, "paths": drifting})
    assert _fails(judgement, "theorem2.3", {**right, "derivatives": right["derivatives"] + 1e-9})


def test_a_drift_of_zero_or_a_large_one_refutes_what_is_said_of_positive_steps(data, judgement):
    right = data("discretization")
    paths = right["paths"]
    still = paths.assign(norm_differences=0 * paths["norm_differences"])
    assert _fails(judgement, "discretization", {**right, "paths": still})
    large = paths.assign(norm_differences=100 * paths["norm_differences"])
    assert _fails(judgement, "discretization", {**right, "paths": large})


def test_theorem_3_1_is_decided_once_the_printed_steps_arrive_or_a_bound_breaks(data, judgement):
    right = data("theorem3.1")
    assert judgement("theorem3.1", {**right, "printed": right["provable"]}).verdict is Verdict.HOLDS
    for name in ("largest_gap", "largest_norm", "end"):
        beyond = right["provable"].assign({name: right["provable"][name] / right["provable"][name].max() * 1.01})
        assert _fails(judgement, "theorem3.1", {**right, "provable": beyond})
    rising = right["printed"].assign(largest_increase=right["printed"]["largest_increase"] + 1e-3)
    assert _fails(judgement, "theorem3.1", {**right, "printed": rising})


def test_a_saddle_without_a_way_down_refutes_lemma_3_2(data, judgement):
    right = data("lemma3.2")
    for part in ("points", "found"):
        flat = right[part].assign(smallest_eigenvalue=0 * right[part]["smallest_eigenvalue"])
        assert _fails(judgement, "lemma3.2", {**right, part: flat})


def test_theorem_3_2_would_hold_if_starts_of_variance_delta_converged(data, judgement):
    right = data("theorem3.2")
    assert judgement("theorem3.2", right).name.startswith("share that converges with δ as the variance")
    readings, times = right["readings"], right["times"]
    converging = {**right, "readings": readings.assign(converged=readings["converged"].where(False, 1.0))}
    assert judgement("theorem3.2", converging).verdict is Verdict.HOLDS
    loose = converging["readings"].assign(bounded=readings["bounded"].where(readings["reading"] == PRINTED, 0.2))
    assert _fails(judgement, "theorem3.2", {**converging, "readings": loose})
    slow = times.assign(by_dimension=times["by_dimension"] * (times["dimension"] / 100) ** 0.1)
    assert _fails(judgement, "theorem3.2", {**converging, "times": slow})


def test_printed_norms_are_judged_on_a_network_of_the_printed_size(data, judgement):
    right = data("figure2")
    paths = right["paths"].assign(inputs=1000)
    first = judgement("figure2", {**right, "paths": paths})
    assert first.verdict is Verdict.DOES_NOT_HOLD
    assert first.name == "balanced: farthest difference at the end from the printed one"
    last = paths["step"] == paths["step"].max()
    printed = np.array([[42.90 - 43.76, 43.76 - 43.68], [55.50 - 45.65, 45.65 - 45.46]])
    as_printed = paths["norm_differences"].where(~last, paths["norm_ratios"].isel(step=-1) * 0 + printed)
    second = judgement("figure2", {**right, "paths": paths.assign(norm_differences=as_printed)})
    assert second.name == "balanced: largest difference"
    assert second.verdict is Verdict.DOES_NOT_HOLD


def test_the_methods_that_keep_the_laws_are_counted(data, judgement):
    right = data("futurework")
    drift = right["drift"]
    kept = judgement("futurework", right).measured
    same = drift.assign(drift=drift["drift"].isel(step_size=0).broadcast_like(drift["drift"]))
    assert judgement("futurework", {**right, "drift": same}).measured == 0 < kept
