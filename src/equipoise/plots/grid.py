"""A sweep as a heat map: one cell for each point, theory drawn over it, and cells that have no value told apart."""

import textwrap
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.colors import LogNorm
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import LogLocator

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.plots.cells import Cells, cells
from equipoise.plots.color_scale import ColorScale, beyond, color_scale
from equipoise.plots.labels import add_legend, axis_label, label_axes
from equipoise.plots.scales import ShortLog, logarithmic_axis
from equipoise.plots.statistics import Points, Statistic, points, statistic_label
from equipoise.plots.style import INK, figure_of, styled
from equipoise.plots.theory_lines import Contours, Curves, draw_lines

_NO_VALUE: dict[str, Any] = {"facecolor": "#f2f2f2", "edgecolor": "#8c8c8c", "hatch": "////", "linewidth": 0.0}
_ALL_DIVERGED: dict[str, Any] = {"facecolor": "#bdbdbd", "edgecolor": "#5c5c5c", "hatch": "xxxx", "linewidth": 0.0}


@styled
def draw_grid(
    axes: Axes,
    data: xr.Dataset | xr.DataArray,
    variable: str | None = None,
    *,
    x: str,
    y: str,
    statistic: Statistic = "median",
    contours: Contours | None = None,
    curves: Curves | None = None,
    reference: RealNumber | None = None,
    color: str = "linear",
    limits: tuple[RealNumber, RealNumber] | None = None,
    logarithmic: str | None = None,
    label: str | None = None,
    color_bar: bool = True,
    legend: bool = True,
) -> None:
    """A heat map: a statistic over the replicates, at the last step, for each point of two dims.

    Replicates that are not finite are left out of the statistic. A cell without a finite value is hatched, in
    crosses if all its replicates diverged. A small cross marks a cell in which some diverged.

    - `axes`: where to draw.
    - `data`: a Dataset or DataArray with the dims x and y, and perhaps replicate and step, such as a sweep's.
    - `variable`: the variable to draw from a Dataset; not needed for the statistic "share diverged".
    - `x`, `y`: the dims of the axes. An axis is logarithmic if its values are spaced by factors.
    - `statistic`: "median", the default, "mean", "share diverged", or a function of the finite values, shape (k,).
    - `contours`: lines of theory, {label: (f, level)}: where f(x, y) = level, with f a function of two arrays or a
      DataArray with both dims.
    - `curves`: lines of theory, {label: y(x)}, each a function of an array or a DataArray with the dim x.
    - `reference`: the value of the white middle of a diverging color map, such as 1 for the balance; none by default.
    - `color`: "linear", the default, or "logarithmic".
    - `limits`: the values at the ends of the color bar; by default those of the data.
    - `logarithmic`: "", "x", "y" or "xy" sets which axes are logarithmic; None, the default, decides by the values.
    - `label`: the label of the color bar; by default the statistic, and the name, formula and unit of the variable.
    - `color_bar`: whether to draw a color bar; True by default.
    - `legend`: whether to draw a legend of lines and hatches, if there are any; True by default.

    Raises `InputError` for a variable, dim or statistic that does not exist, and for dims that are left over.
    """
    data = _sorted(data, (x, y))
    found = points(data, variable, statistic, [y, x])
    across, up = (cells(found.values[name], _asked(logarithmic, which)) for name, which in ((x, "x"), (y, "y")))
    scale = color_scale(found.values.values, reference, _is_logarithmic(color), limits)
    _mesh(axes, across, up, found.values.values, scale)
    _marks(axes, across, up, found)
    if color_bar:
        add_color_bar([axes], label or statistic_label(found.values, statistic, data.sizes.get("replicate", 1)))
    draw_lines(axes, across, up, (x, y), contours or {}, curves or {})
    _axis(axes, "x", across)
    _axis(axes, "y", up)
    axes.grid(visible=False)
    label_axes(axes, axis_label(found.values[x]), axis_label(found.values[y]))
    if legend and axes.get_legend_handles_labels()[1]:
        add_legend(axes)


def add_color_bar(panels: Sequence[Axes], label: str) -> None:
    """One color bar for panels whose maps have the same limits; it ends in a point where values lie beyond them."""
    meshes: list[Any] = [mesh for panel in panels for mesh in panel.collections if isinstance(mesh, QuadMesh)]
    norm = meshes[0].norm
    shown = np.concatenate([np.ma.compressed(mesh.get_array()) for mesh in meshes])
    ticks: dict[str, Any] = {}
    if isinstance(norm, LogNorm):
        few = float(norm.vmax or 1.0) < 100 * float(norm.vmin or 1.0)
        ticks = {"ticks": LogLocator(subs=(1, 2, 5)), "format": "{x:g}"} if few else {"format": ShortLog()}
    extend, figure = beyond(shown, norm.vmin, norm.vmax), figure_of(panels[0])
    inches = max(panel.get_window_extent().height for panel in panels) / figure.dpi
    text = textwrap.fill(label, max(16, int(inches / 0.07)), break_long_words=False)  # letters of 9 points
    figure.colorbar(meshes[0], ax=list(panels), label=text, extend=extend, **ticks).minorticks_off()


def _sorted(data: xr.Dataset | xr.DataArray, names: tuple[str, str]) -> Any:
    """The data with numbers of both dims in rising order; names of a dim keep theirs, and a dim without any counts."""
    if names[0] == names[1]:
        raise InputError(f"Both axes are {names[0]}; give two dims.")
    for name in names:
        if name not in data.dims:
            raise InputError(f"The data have no dim {name}; they have {', '.join(map(str, data.dims))}.")
        if name in data.coords and data[name].dtype.kind in "iufb":
            data = data.sortby(name)
    return data


def _asked(logarithmic: str | None, which: str) -> bool | None:
    return None if logarithmic is None else which in logarithmic


def _is_logarithmic(color: str) -> bool:
    if color not in ("linear", "logarithmic"):
        raise InputError(f"color is {color!r}; use 'linear' or 'logarithmic'.")
    return color == "logarithmic"


def _mesh(axes: Axes, x: Cells, y: Cells, values: np.ndarray, scale: ColorScale) -> None:
    masked = np.ma.masked_invalid(values)
    if isinstance(scale.norm, LogNorm):  # zeros have the color of the lowest value
        masked = np.ma.maximum(masked, float(scale.norm.vmin or 0.0))
    axes.pcolormesh(x.edges, y.edges, masked, norm=scale.norm, cmap=scale.colors, rasterized=True)


def _marks(axes: Axes, x: Cells, y: Cells, found: Points) -> None:
    """Hatches where there is no value, and crosses where a part of the replicates diverged."""
    empty, lost = ~np.isfinite(found.values.values), found.diverged.values
    _hatch(axes, x, y, empty & ~(lost == 1), "no value", _NO_VALUE)
    _hatch(axes, x, y, empty & (lost == 1), "all diverged", _ALL_DIVERGED)
    up, across = np.nonzero(~empty & (lost > 0))
    if across.size and found.values.name != "share_diverged":
        inches = axes.get_window_extent().width / figure_of(axes).dpi
        size = min(4.5, 72 * inches / x.centers.size / 2.5)
        place = (x.centers[across], y.centers[up])
        border = [Stroke(linewidth=size / 2, foreground="white"), Normal()]
        mark: dict[str, Any] = {"color": INK, "markersize": size, "markeredgewidth": size / 5, "path_effects": border}
        axes.plot(*place, "x", label="some diverged", zorder=6, **mark)


def _hatch(axes: Axes, x: Cells, y: Cells, where: np.ndarray, label: str, look: dict[str, Any]) -> None:
    """Hatch cells; neighbors in a row are one box, so that a large grid stays a small file."""
    boxes = []
    for row, flags in enumerate(where):
        turns = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
        for left, right in zip(x.edges[turns[::2]], x.edges[turns[1::2]], strict=True):
            bottom, top = y.edges[row], y.edges[row + 1]
            boxes.append([(left, bottom), (right, bottom), (right, top), (left, top)])
    if boxes:
        axes.add_collection(PolyCollection(boxes, label=label, zorder=2, **look), autolim=False)


def _axis(axes: Axes, which: Literal["x", "y"], along: Cells) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    if along.logarithmic:
        logarithmic_axis(axes, which)
    if along.names:
        axis.set_ticks(list(along.centers), list(along.names))
    ends = (float(along.edges[0]), float(along.edges[-1]))
    axes.set_xlim(*ends) if which == "x" else axes.set_ylim(*ends)
