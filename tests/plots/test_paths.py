import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.plots import draw_paths, new_figure


@pytest.fixture
def axes():
    return new_figure()[1][0, 0]


def test_draws_the_median_and_the_band(axes, ensemble):
    data = ensemble(101)
    draw_paths(axes, {"a": data}, "balance", band=(0.1, 0.9))
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), np.median(data["balance"], axis=0))
    (band,) = axes.collections
    vertices = band.get_paths()[0].vertices
    at_end = vertices[vertices[:, 0] == 1000][:, 1]
    np.testing.assert_allclose([at_end.min(), at_end.max()], [11, 91])
    assert axes.get_xlabel() == "step"


def test_a_zero_on_a_logarithmic_axis_is_shown(axes, ensemble):
    draw_paths(axes, {"a": ensemble()}, "balance", logarithmic="x")
    assert axes.get_xscale() == "symlog"
    assert axes.get_xlim()[0] == 0
    places = axes.transData.transform([(x, 1) for x in (0, 10, 100, 1000)])[:, 0]
    gaps = np.diff(places)
    assert (gaps > 0).all()
    np.testing.assert_allclose(gaps[1], gaps[2])


def test_without_a_zero_the_axis_is_plainly_logarithmic(axes, ensemble):
    draw_paths(axes, {"a": ensemble().isel(step=slice(1, None))}, "balance", logarithmic="xy")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_replicates_that_are_not_finite_are_left_out_there(axes, ensemble):
    data = ensemble(3)
    data["balance"][2, 2:] = np.nan
    data["balance"][:, 3] = np.inf
    draw_paths(axes, {"a": data}, "balance")
    drawn = axes.lines[0].get_ydata()
    np.testing.assert_allclose(drawn[:3], [0, 0.02, 0.15])
    assert np.isnan(drawn[3])


def test_a_single_path_has_no_band_and_traces_are_thin_lines(axes, ensemble):
    draw_paths(axes, {"a": ensemble().isel(replicate=0)}, "balance")
    assert not axes.collections
    other = new_figure()[1][0, 0]
    draw_paths(other, {"a": ensemble()}, "balance", traces=2, expected=1.0)
    assert len(other.lines) == 4
    assert [text.get_text() for text in other.get_legend().get_texts()] == ["a", "expected"]


def test_groups_differ_in_colour_and_in_dashes(axes, ensemble):
    draw_paths(axes, {"a": ensemble(), "b": ensemble()}, "balance", band=None)
    first, second = axes.lines
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()


def test_refuses_other_dimensions(axes, ensemble):
    with pytest.raises(InputError, match="select one value of each other dim"):
        draw_paths(axes, {"a": ensemble()}, "spectrum")
