import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.plots import draw_contours, draw_surface, draw_track, new_figure, surface

LINE = np.linspace(-1, 2, 13)


def _valley(x, y):
    return (1 - x * y) ** 2


def test_a_surface_has_y_before_x():
    values = surface(lambda x, y: x + 10 * y, np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0]), long_name="sum")
    assert values.dims == ("y", "x")
    assert values.sel(x=3, y=5) == 53
    assert values.attrs == {"long_name": "sum"}


@pytest.mark.parametrize("logarithmic", [False, True])
def test_contours_span_the_grid_and_carry_a_path(logarithmic):
    figure, axes = new_figure()
    draw_contours(axes[0, 0], surface(_valley, LINE, LINE, long_name="loss"), logarithmic=logarithmic)
    draw_track(axes[0, 0], np.array([0.2, 1.0]), np.array([2.0, 1.0]), label="path")
    figure.canvas.draw()
    assert axes[0, 0].get_xlim() == (-1, 2)
    assert figure.axes[1].get_ylabel() == "loss"
    path, begin, end = axes[0, 0].lines
    assert path.get_label() == "path"
    assert (begin.get_xdata()[0], end.get_xdata()[0]) == (0.2, 1.0)


@pytest.mark.parametrize("levels", [[0.0, 1.0, 4.0], np.array([0.0, 1.0, 4.0])])
def test_levels_can_be_given(levels):
    figure, axes = new_figure()
    draw_contours(axes[0, 0], surface(_valley, LINE, LINE, long_name="loss"), levels=levels)
    figure.canvas.draw()
    assert axes[0, 0].collections[0].levels.tolist() == [0.0, 1.0, 4.0]


def test_a_surface_in_space_stops_at_its_ceiling():
    figure, axes = new_figure(projection="3d")
    solid = axes[0, 0]
    draw_surface(solid, surface(_valley, LINE, LINE, long_name="loss"), ceiling=1.0)
    draw_track(solid, np.array([0.5, 1.0]), np.array([2.0, 1.0]), on=_valley)
    figure.canvas.draw()
    assert solid.get_zlim()[1] < 1.1
    assert solid.get_zlabel() == "loss"
    np.testing.assert_allclose(solid.lines[0].get_data_3d()[2], [0, 0])


def test_refuses_what_is_no_surface():
    _, axes = new_figure()
    flat = surface(_valley, LINE, LINE)
    with pytest.raises(InputError, match="projection"):
        draw_surface(axes[0, 0], flat)
    with pytest.raises(InputError, match="two dimensions"):
        draw_contours(axes[0, 0], flat.isel(x=0))
    with pytest.raises(InputError, match="positive"):
        draw_contours(axes[0, 0], -flat, logarithmic=True)
