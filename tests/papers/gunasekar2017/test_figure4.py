"""Figure 4: the claim can fail, and its figure shows all there is."""

import pytest

from equipoise.papers import Verdict
from equipoise.papers.gunasekar2017.figure4 import CLAIM


@pytest.fixture(scope="module")
def data(quick):
    return quick(CLAIM.id)


def test_the_figure_shows_every_instance_in_each_histogram(data):
    figure = CLAIM.draw(data)
    for side in (*figure.axes[:3], *figure.axes[4:7]):
        heights = [bar.get_height() for stack in side.containers for bar in stack]
        assert sum(heights) == data["instances"].sizes["instance"]


@pytest.mark.parametrize(
    ("part", "variable", "change"),
    [
        ("counts", "fillings", 1),
        ("instances", "gap", 1e-7),
        ("instances", "excess", 0.2),
        ("instances", "excess", -0.01),
        ("instances", "misfit", 0.1),
    ],
)
def test_another_measurement_would_fail(data, part, variable, change):
    changed = {**data, part: data[part].assign({variable: data[part][variable] + change})}
    assert not all(c.holds for c in CLAIM.check(changed))


def test_an_excess_that_vanished_with_the_start_would_fail(data):
    worst = data["worst"]
    falling = worst.assign(excess=worst["excess"].sel(start=1e-5) * worst["start"] / 1e-5)
    assert not all(c.holds for c in CLAIM.check({**data, "worst": falling}))


def test_limits_at_the_minimum_would_fail(data):
    sample = data["sample"]
    falling = sample.assign(excess=sample["excess"] * sample["start"] ** 0.1)
    assert not all(c.holds for c in CLAIM.check({**data, "sample": falling}))


@pytest.mark.parametrize("part", ["instances", "worst", "variants"])
def test_nan_fails(data, part):
    missing = data[part]["excess"].where(data[part]["start"] != data[part]["start"][0])
    assert not all(c.holds for c in CLAIM.check({**data, part: data[part].assign(excess=missing)}))


def test_what_is_printed_could_hold(data):
    assert CLAIM.printed.judge(data).verdict is Verdict.DOES_NOT_HOLD
    limits = data["instances"]
    nearer = {**data, "instances": limits.assign(excess=limits["excess"].clip(max=0.09))}
    assert CLAIM.printed.judge(nearer).verdict is Verdict.HOLDS
    same = limits["excess"].sel(start=1e-5).clip(max=0.09)
    steady = {**data, "instances": limits.assign(excess=same.broadcast_like(limits["excess"]))}
    assert CLAIM.printed.judge(steady).verdict is Verdict.DOES_NOT_HOLD
