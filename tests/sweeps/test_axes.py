"""Designs: which points there are."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.core.errors import InputError
from equipoise.sweeps import Grid, Listed, Product, Range, Sampled, Zipped, point_seed
from equipoise.sweeps.axes import design_of
from equipoise.sweeps.points import point_key


def test_a_grid_has_every_combination_and_the_last_axis_varies_fastest():
    assert Grid(a=[1, 2], b=["x", "y"]).points() == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    assert design_of({}).points() == [{}]


def test_zipped_axes_vary_together_and_combine_with_a_grid():
    design = design_of([{"rank": [1, 2]}, Zipped(a=[0.1, 0.2], b=[3, 4])])
    assert not design.is_grid
    assert [tuple(point.values()) for point in design.points()] == [(1, 0.1, 3), (1, 0.2, 4), (2, 0.1, 3), (2, 0.2, 4)]
    assert Product(Grid(a=[1]), Grid(b=[1])).is_grid


@pytest.mark.parametrize("method", ["halton", "sobol", "latin hypercube"])
def test_random_points_are_within_their_ranges_and_the_same_each_time(method):
    design = Sampled(40, seed=1, method=method, a=(1e-3, 1e-1, "log"), b=(-1.0, 1.0), n=Range(1, 3, "whole"))
    points = design.points()
    assert points == Sampled(40, seed=1, method=method, **design.ranges).points()
    assert len(points) == 40
    assert all(1e-3 <= p["a"] <= 1e-1 and -1 <= p["b"] <= 1 and p["n"] in (1, 2, 3) for p in points)
    low = np.mean([p["a"] < 1e-2 for p in points])
    assert 0.4 <= low <= 0.6  # half of them in each decade
    assert {p["n"] for p in points} == {1, 2, 3}


@pytest.mark.parametrize("method", ["halton", "sobol"])
def test_more_random_points_keep_the_first(method):
    few, many = (Sampled(n, seed=4, method=method, a=(0, 1), b=(0, 1)).points() for n in (7, 50))
    assert many[:7] == few


def test_a_point_is_known_by_its_values():
    assert (
        point_key({"a": 1, "b": 0.5})
        == point_key({"b": np.float64(0.5), "a": 1.0})
        == point_key({"a": np.int32(1), "b": 0.5})
    )
    assert point_key({"a": 1}) != point_key({"a": "1"}) != point_key({"a": True})
    assert point_seed(0, {"a": 1}) == point_seed(0, {"a": 1.0}) != point_seed(1, {"a": 1})
    assert point_seed(0, {"a": 0.1}) != point_seed(0, {"a": np.nextafter(0.1, 1)})
    seeds = [point_seed(0, {"a": i}) for i in range(2000)]
    assert len(set(seeds)) == 2000
    assert min(seeds) >= 0
    assert max(seeds) < 2**62
    assert max(seeds) > 2**61


def test_the_seed_of_a_point_never_changes():
    """Stores of earlier versions rely on it."""
    assert point_seed(3, {"std": 0.05, "step_size": 0.01}) == 1505120872383568978


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"a": []}, r"^The axis a is empty; give it at least one value, or leave it out\.$"),
        ({"a": [1, 1.0]}, r"^The axis a has the value 1 twice"),
        ({"a": 3}, r"^The axis a is 3; give a list of values, such as \[3\]\.$"),
        ({"a": "xy"}, r"^The axis a is 'xy'; give a list"),
        ({"a": [float("nan")]}, "^The axis a has the value nan; a value is a finite number"),
        ({"a": [(1, 2)]}, r"^The axis a has the value \(1, 2\); .*look it up in make"),
        ([{"a": [1]}, {"a": [2]}], "^The axis a is in two parts of the design"),
        (3, "^over is 3; give the values of each axis by name"),
        ({3: [1]}, "^over is "),
    ],
)
def test_what_is_no_design_is_refused(over, sentence, unchecked):
    with pytest.raises(InputError, match=sentence):
        design_of(over)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Zipped(a=[1, 2], b=[1]), "^The zipped axes a and b have 2 and 1 values; give as many of each"),
        (lambda: Listed([]), "^The list of points is empty"),
        (lambda: Listed([{"a": 1}, {"b": 1}]), "^The points of a list have the same axes, but one has a and another b"),
        (lambda: Sampled(0, seed=0, a=(0, 1)), "^The number of random points is 0"),
        (lambda: Sampled(2, seed=0), "^A random design has no axes"),
        (lambda: Sampled(2, seed=0, a=(1, 0)), "^The upper end of a range is 0; it must be finite and greater than 1"),
        (lambda: Sampled(2, seed=0, a=(0, 1, "log")), "^The lower end of a logarithmic range is 0"),
        (lambda: Sampled(2, seed=0, a=(0, 1, "square")), "^The scale of a range is 'square'; choose linear, log"),
        (lambda: Sampled(2, seed=0, a=3), "^The axis a of a random design is 3; give its ends"),
        (lambda: Sampled(2, seed=0, method="dice", a=(0, 1)), "^There is no random design 'dice'; choose halton"),
        (lambda: design_of(Listed([{"a": 1}, {"a": 1}])), "^The point a=1 is in the design twice"),
    ],
)
def test_bad_designs_are_refused(make, sentence, unchecked):
    with pytest.raises(InputError, match=sentence):
        make()


def test_a_study_says_what_its_make_does_not_take(study):
    def make(step_size, std):
        raise NotImplementedError

    with pytest.raises(
        InputError, match=r"^make does not take the axis stepsize \(did you mean step_size\?\); it takes"
    ):
        study({"stepsize": [1], "std": [1]}, make=make)
    with pytest.raises(InputError, match=r"^make needs std, which is no axis; give its values in over"):
        study({"step_size": [1]}, make=make)
    with pytest.raises(InputError, match=r"^There is a unit for stdd, which is no axis \(did you mean std\?\)\.$"):
        study({"step_size": [1], "std": [1]}, make=make, units={"stdd": "m"})
    with pytest.raises(InputError, match=r"^where leaves no point of the design"):
        study(where=lambda step_size, std: False)
    with pytest.raises(InputError, match=r"^make gives \(int\) at .*; it must return \(problem, method, start\)\.$"):
        study(make=lambda step_size, std: 3).case(step_size=1, std=1)
    with pytest.raises(InputError, match=r"^std is missing of the point; the axes are step_size, std\.$"):
        study().case(step_size=1)


def test_where_leaves_points_out(study):
    left = study(where=lambda step_size, std: step_size * std < 0.01)
    assert len(left.points) == 4
    assert "4 points over step_size, std" in repr(left)
    assert isinstance(left, eq.sweeps.Study)
