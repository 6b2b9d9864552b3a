"""The look of figures: a palette that color-blind readers can tell apart, and settings for print."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber

Given = ParamSpec("Given")
Made = TypeVar("Made")

INK = "#1a1a1a"

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F", "#000000")
"""The colors of Okabe and Ito, with gray in place of the pale yellow; group i takes color i modulo 8."""

DASHES: tuple[str | tuple[int, tuple[int, ...]], ...] = ("-", (0, (5, 2)), (0, (1, 1)), (0, (5, 1, 1, 1)))
"""Line styles, so that groups also differ without color."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.5,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "lines.linewidth": 1.4,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,
}
"""Matplotlib settings for a figure in print; used only inside `matplotlib.rc_context`."""


def styled(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """Let `function` draw under `STYLE`; matplotlib's previous settings are restored when it returns."""

    @functools.wraps(function)
    def under_style(*arguments: Given.args, **named: Given.kwargs) -> Made:
        with matplotlib.rc_context(cast(Any, STYLE)):
            return function(*arguments, **named)

    return under_style


@styled
def new_figure(
    rows: int = 1,
    columns: int = 1,
    *,
    panel: tuple[RealNumber, RealNumber] = (3.4, 2.7),
    share_x: bool = False,
    share_y: bool = False,
    projection: str | None = None,
) -> tuple[Figure, np.ndarray]:
    """A figure of panels, and its Axes as an array (rows, columns).

    The figure lays itself out and belongs to no pyplot window.

    - `rows`: the number of rows of panels; 1 by default.
    - `columns`: the number of columns of panels; 1 by default.
    - `panel`: (width, height) of a panel in inches; (3.4, 2.7) by default.
    - `share_x`: whether the panels share their x axis; False by default.
    - `share_y`: whether the panels share their y axis; False by default.
    - `projection`: "3d" for the Axes of `draw_surface`; None, the default, for flat ones.
    """
    figure = Figure(figsize=(float(columns * panel[0]), float(rows * panel[1])), layout="constrained")
    axes = figure.subplots(
        rows, columns, sharex=share_x, sharey=share_y, squeeze=False, subplot_kw={"projection": projection}
    )
    return figure, axes


def figure_of(axes: Axes) -> Figure:
    """The figure of the Axes; raises `InputError` if they were removed from it."""
    figure = axes.get_figure(root=True)
    if figure is None:
        raise InputError("The Axes belong to no figure; make them with new_figure.")
    return figure


def color(group: int) -> str:
    """The color of group number `group`."""
    return PALETTE[group % len(PALETTE)]


def dashes(group: int) -> Any:
    """The line style of group number `group`."""
    return DASHES[group % len(DASHES)]
