import subprocess
import sys

import matplotlib
import pytest
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.plots import (
    PALETTE,
    STYLE,
    axis_label,
    draw_boxes,
    label_panels,
    logarithmic_axis,
    new_figure,
    save_figure,
)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_stands_out_from_the_page():
    assert all((1.05) / (_luminance(colour) + 0.05) > 2 for colour in PALETTE)
    assert len(set(PALETTE)) == len(PALETTE)


def test_settings_are_left_as_they_were(ensemble):
    before = dict(matplotlib.rcParams)
    _, axes = new_figure()
    draw_boxes(axes[0, 0], {"a": ensemble()}, "balance")
    assert dict(matplotlib.rcParams) == before
    assert set(STYLE) <= set(before)


def test_drawing_imports_no_pyplot():
    code = "import sys, equipoise.plots as p; p.new_figure(1, 2); print('matplotlib.pyplot' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize(
    ("attributes", "label"),
    [
        ({"long_name": "balance", "formula": "‖X‖/‖Y‖", "units": "1"}, "balance, ‖X‖/‖Y‖"),
        ({"long_name": "norm of X", "formula": "‖X‖", "units": "√[M]"}, "norm of X, ‖X‖ (√[M])"),
        ({"long_name": "step", "units": "steps"}, "step"),
        ({"long_name": "x", "formula": "x"}, "x"),
        ({}, "some name"),
    ],
)
def test_axis_labels(attributes, label):
    assert axis_label(xr.DataArray(0.0, name="some_name", attrs=attributes)) == label


def test_shared_axes_are_labelled_once(ensemble):
    _, axes = new_figure(2, 2, share_y=True)
    for panel in axes.flat:
        draw_boxes(panel, {"a": ensemble()}, "balance")
    assert [bool(panel.get_ylabel()) for panel in axes.flat] == [True, False, True, False]
    _, apart = new_figure(1, 2)
    for panel in apart.flat:
        draw_boxes(panel, {"a": ensemble()}, "balance")
    assert all(panel.get_ylabel() for panel in apart.flat)


@pytest.mark.parametrize(("limits", "plain"), [((0.2, 5.0), True), ((1e-6, 1e2), False)])
def test_logarithmic_axes_speak_plainly_over_few_decades(limits, plain):
    """Which ticks have a label is Matplotlib's choice, and differs between its versions."""
    figure, axes = new_figure()
    axes[0, 0].plot([0, 1], limits)
    logarithmic_axis(axes[0, 0], "y")
    figure.canvas.draw()
    axis = axes[0, 0].yaxis
    texts = {label.get_text() for label in [*axis.get_majorticklabels(), *axis.get_minorticklabels()]}
    texts.discard("")
    assert texts
    assert all(text.startswith("$\\mathdefault{10^") != plain for text in texts)
    assert ("1" in texts) == plain


def test_panels_are_lettered():
    _, axes = new_figure(1, 2)
    label_panels(axes.flat, ["one", "two"])
    assert [panel.get_title(loc="left") for panel in axes.flat] == ["(a) one", "(b) two"]
    with pytest.raises(InputError, match="2 panels and 1 titles"):
        label_panels(axes.flat, ["one"])


def test_saved_figures_are_the_same_bytes_twice(tmp_path, ensemble):
    def save(folder):
        figure, axes = new_figure()
        draw_boxes(axes[0, 0], {"a": ensemble()}, "balance")
        return [path.read_bytes() for path in save_figure(figure, tmp_path / folder / "theorem2.1")]

    first, second = save("one"), save("two")
    assert first == second
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["theorem2.1.pdf", "theorem2.1.png"]
    assert first[0].startswith(b"\x89PNG")
    assert b"CreationDate" not in first[1]


def test_a_draft_is_the_same_picture_without_a_pdf_and_the_figure_is_left_as_it_was(tmp_path):
    figure, axes = new_figure()
    axes[0, 0].set_title("title")
    before = figure.canvas, figure.dpi
    save_figure(figure, tmp_path / "final")
    assert save_figure(figure, tmp_path / "draft", draft=True) == (tmp_path / "draft.png",)
    assert (figure.canvas, figure.dpi) == before
    assert b"/Type3" not in (tmp_path / "final.pdf").read_bytes()
    assert (tmp_path / "final.png").read_bytes() == (tmp_path / "draft.png").read_bytes()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file"):
        save_figure(new_figure()[0], tmp_path / "file" / "figure1")
