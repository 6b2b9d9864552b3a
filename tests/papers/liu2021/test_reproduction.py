"""The whole paper in its quick form: every claim is there and holds, and none would hold on the wrong data."""

import pytest

LATER = ["probability", "comparison", "section5", "biasedgradient", "sgd", "plateau"]
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


@pytest.mark.parametrize("claim", ["theorem1", "lemma5", "figure5", "figure6"])
def test_the_two_methods_cannot_be_exchanged(data, failing, claim):
    right = data(claim)
    other = {"perturbed": "descent", "descent": "perturbed"}
    swapped = {}
    for name, dataset in right.items():
        parts = name.split("_")
        swapped["_".join(other.get(part, part) for part in parts)] = dataset
    assert len(failing(claim, swapped)) >= 2


def test_a_path_that_stays_unbalanced_is_noticed(data, failing):
    right = data("figure4")
    stuck = right["perturbed_late"].isel(step=slice(0, 100))
    assert len(failing("figure4", {**right, "perturbed_late": stuck})) == 2


def test_a_slower_decay_off_the_signal_is_noticed(data, failing):
    paths = data("lemma4")["paths"]
    tilted = paths.assign(off_signal_x=paths["off_signal_x"] * paths["step_size"] ** 0.1)
    assert "exponent of ‖x⊥‖² + ‖y⊥‖² in η" in failing("lemma4", {"paths": tilted})


def test_a_larger_residual_is_noticed(data, failing):
    right = data("lemma6")
    noisy = right["by_noise"].assign(residual=right["by_noise"]["residual"] * right["by_noise"]["variance"] ** -0.2)
    assert "exponent of the residual in σ²" in failing("lemma6", {**right, "by_noise": noisy})


def test_another_time_of_balancing_is_noticed(data, failing):
    grid = data("lemma7")["grid"]
    difference = (grid["norm_x"] ** 2 - grid["norm_y"] ** 2) * (1 + grid["time"] * 0.3)
    slower = grid.assign(norm_x=(grid["norm_y"] ** 2 + difference) ** 0.5)
    assert "time times ησ²" in failing("lemma7", {"grid": slower})


def test_covariances_and_tails_cannot_be_exchanged(data, failing):
    right = data("discussion")
    aligned = {**right, "aligned": right["isotropic"], "crossed": right["isotropic"]}
    assert len(failing("discussion", aligned)) >= 4
    tails = {**right, "t2.5": right["gaussian"], "t1.5": right["gaussian"]}
    assert len(failing("discussion", tails)) == 2


def test_the_unsmoothed_valley_has_no_isolated_minima(data, failing):
    right = data("figure1")
    ends = right["minima"]["minimum"] * 1.001
    assert failing("figure1", {**right, "minima": right["minima"].assign(minimum=ends)})
