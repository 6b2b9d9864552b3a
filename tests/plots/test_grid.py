import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.colors import LogNorm

from equipoise.core.errors import InputError
from equipoise.plots import draw_boxes, draw_grid, draw_grids, draw_paths, new_figure, select_points

SIZES, NOISES = np.geomspace(0.01, 1, 5), np.linspace(0, 0.3, 4)


@pytest.fixture
def sweep():
    """A sweep whose balance at replicate k is (i + 1)(j + 1) + k at the point (i, j), with three kinds of cells.

    At (4, 3) all four replicates diverged, at (4, 2) the last one did, and the point (0, 3) was not run.
    """
    i, j, k = np.meshgrid(np.arange(5), np.arange(4), np.arange(4), indexing="ij")
    values = (i + 1.0) * (j + 1) + k
    status = np.full(values.shape, "completed", dtype=object)
    for place in ((4, 3), (4, 2, 3)):
        values[place], status[place] = np.nan, "diverged"
    values[0, 3], status[0, 3] = np.nan, ""
    dims = ("step_size", "std", "replicate")
    attributes = {"long_name": "balance", "formula": "‖X‖/‖Y‖", "units": "1"}
    return xr.Dataset(
        {
            "balance": ((*dims, "step"), np.stack([0 * values, values], -1), attributes),
            "status": (dims, status),
        },
        {
            "step_size": ("step_size", SIZES, {"long_name": "step size", "formula": "η"}),
            "std": ("std", NOISES, {"long_name": "std of the noise", "units": "√[M]"}),
            "step": [0, 100],
        },
    )


def only(axes, kind, label=None):
    (found,) = [c for c in axes.collections if type(c) is kind and label in (None, c.get_label())]
    return found


def boxes(axes, label):
    return [path.get_extents().extents for path in only(axes, PolyCollection, label).get_paths()]


def test_a_cell_is_the_median_of_the_last_step(sweep):
    figure, axes = new_figure()
    draw_grid(axes[0, 0], sweep, "balance", x="step_size", y="std")
    figure.canvas.draw()
    shown = only(axes[0, 0], QuadMesh).get_array()
    assert shown.shape == (4, 5)
    assert shown[1, 2] == 3 * 2 + 1.5
    assert shown[2, 4] == 5 * 3 + 1
    assert " ".join(figure.axes[1].get_ylabel().split()) == "median balance, ‖X‖/‖Y‖"
    assert (axes[0, 0].get_xlabel(), axes[0, 0].get_ylabel()) == ("step size, η", "std of the noise (√[M])")


def test_the_axis_is_logarithmic_where_the_values_are_spaced_by_factors(sweep):
    _, axes = new_figure()
    draw_grid(axes[0, 0], sweep, "balance", x="step_size", y="std")
    assert (axes[0, 0].get_xscale(), axes[0, 0].get_yscale()) == ("log", "linear")
    factor = 10**0.25
    np.testing.assert_allclose(axes[0, 0].get_xlim(), [0.01 / factor, factor])
    np.testing.assert_allclose(axes[0, 0].get_ylim(), [-0.05, 0.35])


def test_an_axis_can_be_made_linear_and_values_in_any_order_are_sorted(sweep):
    _, axes = new_figure()
    draw_grid(axes[0, 0], sweep.isel(step_size=[3, 1, 0, 4, 2]), "balance", x="step_size", y="std", logarithmic="")
    assert axes[0, 0].get_xscale() == "linear"
    assert only(axes[0, 0], QuadMesh).get_array()[1].tolist() == [3.5, 5.5, 7.5, 9.5, 11.5]


def test_cells_without_a_value_are_hatched_and_those_that_diverged_marked(sweep):
    figure, axes = new_figure()
    draw_grid(axes[0, 0], sweep, "balance", x="step_size", y="std")
    figure.canvas.draw()
    factor = 10**0.25
    np.testing.assert_allclose(boxes(axes[0, 0], "no value"), [[0.01 / factor, 0.25, 0.01 * factor, 0.35]])
    np.testing.assert_allclose(boxes(axes[0, 0], "all diverged"), [[1 / factor, 0.25, factor, 0.35]])
    (crosses,) = axes[0, 0].lines
    np.testing.assert_allclose(crosses.get_xydata(), [[1, 0.2]])
    assert {text.get_text() for text in axes[0, 0].get_legend().get_texts()} == {
        "no value",
        "all diverged",
        "some diverged",
    }


def test_neighbors_without_a_value_are_one_box():
    values = xr.DataArray([[1.0, np.nan, np.nan], [np.nan, 2.0, np.nan]], {"b": [0, 1], "a": [0, 1, 2]}, ("b", "a"))
    _, axes = new_figure()
    draw_grid(axes[0, 0], values, x="a", y="b")
    expected = [[0.5, -0.5, 2.5, 0.5], [-0.5, 0.5, 0.5, 1.5], [1.5, 0.5, 2.5, 1.5]]
    np.testing.assert_allclose(boxes(axes[0, 0], "no value"), expected)


def test_the_share_that_diverged(sweep):
    figure, axes = new_figure()
    draw_grid(axes[0, 0], sweep, x="step_size", y="std", statistic="share diverged")
    shown = only(axes[0, 0], QuadMesh).get_array()
    assert shown[3, 4] == 1
    assert shown[2, 4] == 0.25
    assert shown[0].tolist() == [0.0] * 5
    assert bool(shown.mask[3, 0])
    assert " ".join(figure.axes[1].get_ylabel().split()) == "share of replicates that diverged"


def test_a_statistic_of_ones_own_sees_the_finite_replicates(sweep):
    def spread(values):
        return np.ptp(values)

    figure, axes = new_figure()
    draw_grid(axes[0, 0], sweep, "balance", x="step_size", y="std", statistic=spread)
    shown = only(axes[0, 0], QuadMesh).get_array()
    assert (shown[1, 2], shown[2, 4]) == (3, 2)
    assert " ".join(figure.axes[1].get_ylabel().split()) == "spread balance, ‖X‖/‖Y‖"


@pytest.mark.parametrize(("color", "ends"), [("linear", (-15.5, 17.5)), ("logarithmic", (1 / 17.5, 17.5))])
def test_a_reference_is_in_the_middle_of_the_colors(sweep, color, ends):
    _, axes = new_figure()
    draw_grid(axes[0, 0], sweep, "balance", x="step_size", y="std", statistic="mean", reference=1, color=color)
    norm = only(axes[0, 0], QuadMesh).norm
    assert norm(1) == pytest.approx(0.5)
    np.testing.assert_allclose((norm.vmin, norm.vmax), ends)
    assert isinstance(norm, LogNorm) == (color == "logarithmic")


def test_lines_of_theory_are_where_theory_says(sweep):
    figure, axes = new_figure()
    known = xr.DataArray(SIZES[:, None] + NOISES, {"step_size": SIZES, "std": NOISES}, ("step_size", "std"))
    measured = xr.DataArray([0.1, 0.2], {"step_size": [0.1, 0.2]}, ("step_size",))
    draw_grid(
        axes[0, 0],
        sweep.isel(step_size=slice(0, 4), std=slice(1, 3)),
        "balance",
        x="step_size",
        y="std",
        contours={"product": (lambda a, b: a * b, 0.02), "sum": (known, 0.3), "nowhere": (lambda a, b: a * b, 7.0)},
        curves={"root": lambda a: 0.2 * a**0.1, "points": measured},
    )
    figure.canvas.draw()
    drawn = [line for line in axes[0, 0].lines if line.get_label() != "_border"]
    product, total, root, points = drawn
    np.testing.assert_allclose(product.get_xdata() * product.get_ydata(), 0.02, rtol=2e-3)
    np.testing.assert_allclose(total.get_xdata() + total.get_ydata(), 0.3)
    np.testing.assert_allclose(root.get_ydata(), 0.2 * root.get_xdata() ** 0.1)
    assert points.get_xydata().tolist() == [[0.1, 0.1], [0.2, 0.2]]
    assert [line.get_label() for line in drawn] == ["product", "sum", "root", "points"]


def test_names_are_ticks():
    values = xr.DataArray([[1.0, 2.0]], {"law": ["Gaussian"], "method": ["GD", "SGD"]}, ("law", "method"))
    _, axes = new_figure()
    draw_grid(axes[0, 0], values, x="method", y="law")
    assert [tick.get_text() for tick in axes[0, 0].get_xticklabels()] == ["GD", "SGD"]


def test_panels_share_their_colors_and_are_named(sweep):
    figure, axes = new_figure(1, 2)
    rank = xr.Variable("rank", [1, 2], {"long_name": "rank"})
    both = xr.concat([sweep, sweep.assign(balance=10 * sweep["balance"])], rank)
    draw_grids(axes.flat, both, "balance", over="rank", x="step_size", y="std")
    meshes = [only(panel, QuadMesh) for panel in axes.flat]
    assert [(mesh.norm.vmin, mesh.norm.vmax) for mesh in meshes] == [(2.5, 175.0)] * 2
    assert [panel.get_title(loc="left") for panel in axes.flat] == ["(a) rank = 1", "(b) rank = 2"]
    assert len(figure.axes) == 3


def test_points_become_groups_for_boxes_and_paths(sweep):
    groups = select_points(sweep, [{"step_size": 0.011, "std": 0.1}, {"step_size": 0.4, "std": 0.1}])
    assert list(groups) == ["η = 0.01, std of the noise = 0.1", "η = 0.3162, std of the noise = 0.1"]
    assert groups["η = 0.01, std of the noise = 0.1"]["balance"].isel(step=-1).values.tolist() == [2, 3, 4, 5]
    _, axes = new_figure(1, 2)
    draw_boxes(axes[0, 0], groups, "balance")
    draw_paths(axes[0, 1], groups, "balance")
    assert axes[0, 1].lines[1].get_ydata().tolist() == [0, 9.5]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"variable": "balanse"}, "no variable balanse"),
        ({"x": "size"}, "no dim size"),
        ({"x": "std"}, "two dims"),
        ({"statistic": "maximum"}, "no statistic 'maximum'"),
        ({"color": "log"}, "'logarithmic'"),
        ({"limits": (2, 1)}, "second must be greater"),
        ({"reference": -1, "color": "logarithmic"}, "positive"),
        ({"logarithmic": "y"}, "no logarithmic axis"),
        ({"contours": {"wrong": (xr.DataArray([1.0], dims="step_size"), 1)}}, "contour wrong"),
        ({"curves": {"wrong": xr.DataArray([1.0], dims="std")}}, "curve wrong"),
    ],
)
def test_refuses_what_it_cannot_draw(sweep, named, said):
    _, axes = new_figure()
    given = {"variable": "balance", "x": "step_size", "y": "std", **named}
    with pytest.raises(InputError, match=said):
        draw_grid(axes[0, 0], sweep, **given)


def test_refuses_a_dim_that_is_left_over(sweep):
    _, axes = new_figure(1, 2)
    three = sweep.expand_dims(rank=[1, 2])
    with pytest.raises(InputError, match="also has the dim rank"):
        draw_grid(axes[0, 0], three, "balance", x="step_size", y="std")
    with pytest.raises(InputError, match="one panel for each"):
        draw_grids(axes[0, :1], three, "balance", over="rank", x="step_size", y="std")
    with pytest.raises(InputError, match="the point"):
        select_points(sweep, [{"std": 0.1}, {"std": 0.11}])
    with pytest.raises(InputError, match="no dim width"):
        select_points(sweep, [{"width": 3}])
