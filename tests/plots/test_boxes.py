import itertools

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.plots import draw_boxes, new_figure


@pytest.fixture
def axes():
    return new_figure()[1][0, 0]


def _points(axes):
    return [line.get_ydata() for line in axes.lines if line.get_marker() == "o"]


def test_shows_every_replicate_at_the_last_step(axes, ensemble):
    draw_boxes(axes, {"a": ensemble(5), "b": ensemble(3, 10.0)}, "balance")
    first, second = _points(axes)
    np.testing.assert_array_equal(first, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(second, [11, 12, 13])
    assert [text.get_text() for text in axes.get_xticklabels()] == ["a", "b"]
    assert axes.get_ylabel() == "balance, ‖X‖/‖Y‖"


def test_the_median_line_is_the_median(axes, ensemble):
    draw_boxes(axes, {"a": ensemble(5)}, "balance", points=False)
    levels = [line.get_ydata()[0] for line in axes.lines if line.get_linewidth() == 1.6]
    assert levels == [3.0]


def test_counts_replicates_that_are_not_finite(axes, ensemble):
    data = ensemble(5)
    data["balance"][1, -1] = np.nan
    data["balance"][2, -1] = np.inf
    draw_boxes(axes, {"a": data}, "balance")
    assert axes.get_xticklabels()[0].get_text() == "a\n(2 of 5 lost)"
    np.testing.assert_array_equal(_points(axes)[0], [1, 4, 5])


def test_expected_value_for_all_or_for_each(axes, ensemble):
    draw_boxes(axes, {"a": ensemble(), "b": ensemble()}, "balance", expected=1.5)
    assert [line.get_ydata()[0] for line in axes.lines if line.get_label() == "expected"] == [1.5]
    other = new_figure()[1][0, 0]
    draw_boxes(other, {"a": ensemble(), "b": ensemble()}, "balance", expected={"b": 2.5})
    (lines,) = [c for c in other.collections if c.get_label() == "expected"]
    ((begin, end),) = lines.get_segments()
    assert begin[1] == end[1] == 2.5
    assert begin[0] < 2 < end[0]


def test_takes_arrays_without_steps(axes, ensemble):
    draw_boxes(axes, {"a": ensemble()["balance"].isel(step=-1)}, logarithmic=True)
    assert axes.get_yscale() == "log"
    assert _points(axes)[0].size == 5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"variable": "loss"}, "no variable loss; it has balance"),
        ({"variable": "spectrum"}, "select one value of each other dim"),
        ({"variable": "balance", "expected": {"z": 1.0}}, "expected has a value for z"),
    ],
)
def test_refuses_what_it_cannot_draw(axes, ensemble, options, words):
    with pytest.raises(InputError, match=words):
        draw_boxes(axes, {"a": ensemble()}, **options)


def test_refuses_groups_with_nothing_in_them(axes, ensemble):
    with pytest.raises(InputError, match="at least one"):
        draw_boxes(axes, {}, "balance")
    with pytest.raises(InputError, match="No replicate of the group a is finite"):
        draw_boxes(axes, {"a": ensemble() * np.nan}, "balance")


def test_long_names_are_wrapped_so_that_they_do_not_overlap(ensemble):
    figure, axes = new_figure(panel=(5.0, 3.0))
    draw_boxes(axes[0, 0], {f"a long name of group {i}": ensemble() for i in range(6)}, "balance")
    figure.canvas.draw()
    extents = [label.get_window_extent() for label in axes[0, 0].get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(extents))
