"""One line for each layer, by name or number."""

import numpy as np
import pytest
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.plots import draw_layers, new_figure


@pytest.fixture
def axes():
    return new_figure()[1][0, 0]


@pytest.fixture
def recorded():
    steps, layers, quantiles = np.array([0, 10, 100]), np.arange(2), np.array([0.9, 0.5, 0.1])
    values = steps[:, None] * (1.0 + layers)
    return xr.Dataset(
        {
            "squared_norms": (("step", "layer"), values, {"long_name": "squared norm", "formula": "‖W‖²"}),
            "drift": (("step", "pair", "quantile"), values[:, :, None] * quantiles),
            "differences": (("replicate", "step", "pair"), np.stack([values, 3 * values, 5 * values])),
            "loss": (("step",), values[:, 0]),
            "gap": (("pair",), layers),
        },
        {"step": ("step", steps, {"long_name": "step"}), "pair": ["a → b", "b → c"], "quantile": quantiles},
    )


def test_layers_without_names_are_numbered(axes, recorded):
    draw_layers(axes, recorded, "squared_norms")
    assert [line.get_label() for line in axes.lines] == ["layer 1", "layer 2"]
    np.testing.assert_array_equal(axes.lines[1].get_ydata(), [0, 20, 200])
    assert axes.get_ylabel() == "squared norm, ‖W‖²"
    assert axes.get_legend() is not None


def test_quantiles_are_a_line_in_a_band_whatever_their_order(axes, recorded):
    draw_layers(axes, recorded, "drift", legend=False)
    assert [line.get_label() for line in axes.lines] == ["a → b", "b → c"]
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [0, 10, 100])
    heights = axes.collections[1].get_paths()[0].vertices
    at_end = heights[heights[:, 0] == 100][:, 1]
    np.testing.assert_allclose([at_end.min(), at_end.max()], [20, 180])
    assert axes.get_legend() is None


def test_replicates_are_shown_by_their_median(axes, recorded):
    draw_layers(axes, recorded, "differences")
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [0, 30, 300])
    assert len(axes.collections) == 2


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("sharpness", "no variable sharpness; it has squared_norms, drift"),
        ("loss", r"loss has dims \('step',\); it needs step and a dim of layers"),
        ("gap", r"gap has dims \('pair',\)"),
    ],
)
def test_other_variables_are_refused(axes, recorded, variable, sentence):
    with pytest.raises(InputError, match=sentence):
        draw_layers(axes, recorded, variable)
