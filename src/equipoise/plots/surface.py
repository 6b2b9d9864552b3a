"""A function of two variables: contours, a surface in space, and paths drawn on it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.ticker import LogFormatterSciNotation, LogLocator, MaxNLocator

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.plots.labels import axis_label
from equipoise.plots.style import INK, color, dashes, figure_of, styled

Levels = int | Sequence[RealNumber] | Float[np.ndarray, " levels"]

_COLORS = "cividis"


def surface(
    function: Callable[[np.ndarray, np.ndarray], Any], x: np.ndarray, y: np.ndarray, **attributes: str
) -> xr.DataArray:
    """The values of `function(x, y)` on the grid of the axes x and y, as a DataArray with dims (y, x).

    - `function`: called once, with two arrays of shape (len(y), len(x)).
    - `x`: the values of the x axis.
    - `y`: the values of the y axis.
    - `attributes`: long_name, formula and units of the values.
    """
    grid_x, grid_y = np.meshgrid(x, y)
    return xr.DataArray(np.asarray(function(grid_x, grid_y)), {"y": y, "x": x}, ("y", "x"), "value", attributes)


@styled
def draw_contours(
    axes: Axes,
    values: xr.DataArray,
    *,
    levels: Levels = 20,
    logarithmic: bool = False,
    color_bar: bool = True,
) -> None:
    """Filled contours of a function of two variables.

    - `axes`: where to draw.
    - `values`: a DataArray with dims (y, x), of any names and units.
    - `levels`: the number of levels, or the levels; 20 by default.
    - `logarithmic`: whether the levels are spaced by factors; False by default.
    - `color_bar`: whether to draw a color bar; True by default.

    Raises `InputError` if the array does not have two dimensions, or if `logarithmic` and no value is positive.
    """
    x, y, z = _grid(values)
    norm, steps = _norm(z, levels, logarithmic)
    if logarithmic:
        z = np.maximum(z, steps[0])
    beyond: Any = "max" if not isinstance(steps, int) and np.nanmax(z) > steps[-1] else "neither"
    filled = axes.contourf(x, y, z, levels=steps, norm=norm, cmap=_COLORS, extend=beyond)
    if not logarithmic:
        axes.contour(x, y, z, levels=steps, norm=norm, colors="white", linewidths=0.3, alpha=0.6)
    if color_bar:
        scale: dict[str, Any] = {"ticks": LogLocator(), "format": LogFormatterSciNotation()} if logarithmic else {}
        figure_of(axes).colorbar(filled, ax=axes, label=axis_label(values), **scale)
    axes.set_xlim(x.min(), x.max())
    axes.set_ylim(y.min(), y.max())
    axes.grid(visible=False)
    _label(axes, values)


@styled
def draw_surface(
    axes: Axes,
    values: xr.DataArray,
    *,
    ceiling: RealNumber | None = None,
    view: tuple[RealNumber, RealNumber] = (35, -60),
) -> None:
    """A function of two variables as a surface in space.

    Every cell of the grid is drawn, so about 100 values along each axis are enough; many more are slow.

    - `axes`: Axes from `new_figure(projection="3d")`.
    - `values`: a DataArray with dims (y, x), of any names and units.
    - `ceiling`: the height at which to cut off the surface, if any.
    - `view`: (elevation, azimuth) of the viewer in degrees; (35, −60) by default.

    Raises `InputError` if the array does not have two dimensions, or if the Axes are flat.
    """
    solid = _solid(axes)
    x, y, z = _grid(values)
    z = _cut(z, ceiling) if ceiling is not None else z
    grid_x, grid_y = np.meshgrid(x, y)
    solid.computed_zorder = False
    solid.plot_surface(
        grid_x,
        grid_y,
        z,
        cmap=_COLORS,
        rstride=1,
        cstride=1,
        linewidth=0,
        antialiased=False,
        zorder=1,
        rasterized=True,
    )
    solid.view_init(*view)
    solid.set_box_aspect((1, 1, 0.7), zoom=0.86)
    _label(axes, values)
    solid.set_zlabel(axis_label(values), labelpad=6)
    for axis in (solid.xaxis, solid.yaxis, solid.zaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


@styled
def draw_track(
    axes: Axes,
    x: xr.DataArray | np.ndarray,
    y: xr.DataArray | np.ndarray,
    *,
    label: str = "",
    group: int = 1,
    on: Callable[[np.ndarray, np.ndarray], Any] | None = None,
) -> None:
    """A path (x_t, y_t) on contours or on a surface; a ring marks its start and a dot its end.

    - `axes`: where to draw.
    - `x`: the x values, of shape (steps,).
    - `y`: the y values, of shape (steps,).
    - `label`: the label for the legend, if any.
    - `group`: the number of the color and the line style; 1 by default.
    - `on`: the function whose values are the heights of the path on a surface; None for a path on contours.

    Raises `InputError` if `on` is given and the Axes are flat.
    """
    track = [np.asarray(x, float), np.asarray(y, float)]
    if on is not None:
        track.append(np.asarray(on(*track), float))
        _solid(axes)
    line: dict[str, Any] = {"color": color(group), "zorder": 6}
    axes.plot(*track, linestyle=dashes(group - 1), label=label or None, **line)
    axes.plot(*[part[:1] for part in track], "o", markersize=5, markerfacecolor="white", **line)
    axes.plot(*[part[-1:] for part in track], "o", markersize=5, markeredgecolor=INK, **line)


def _grid(values: xr.DataArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if values.ndim != 2:
        raise InputError(f"A surface needs two dimensions, not {values.ndim}; select a slice with dims (y, x).")
    vertical, horizontal = values.dims
    return np.asarray(values[horizontal], float), np.asarray(values[vertical], float), np.asarray(values, float)


def _cut(z: np.ndarray, ceiling: RealNumber) -> np.ndarray:
    """The heights up to the ceiling; those just beyond its rim are lowered to it, and all others are left out."""
    wide = np.pad(z <= ceiling, 1)
    rows, columns = z.shape
    near = [wide[i : i + rows, k : k + columns] for i in range(3) for k in range(3)]
    return np.where(np.any(near, axis=0), np.minimum(z, ceiling), np.nan)


def _norm(z: np.ndarray, levels: Levels, logarithmic: bool) -> tuple[Normalize, Any]:
    """The color scale and the contour levels; on a logarithmic scale, zeros count as the lowest level."""
    if not logarithmic:
        return Normalize(float(np.nanmin(z)), float(np.nanmax(z))), levels
    positive = z[z > 0]
    if not positive.size:
        raise InputError("A logarithmic surface needs a positive value; draw it with logarithmic=False.")
    top = float(positive.max())
    bottom = max(float(positive.min()), 1e-5 * top)
    steps = np.geomspace(bottom, top, levels + 1) if isinstance(levels, int) else np.asarray(levels, float)
    return LogNorm(float(steps[0]), float(steps[-1])), steps


def _solid(axes: Axes) -> Any:
    """The Axes if they are in space (their type has no public name); raises `InputError` if they are flat."""
    if axes.name != "3d":
        raise InputError('A surface needs Axes in space; make them with new_figure(projection="3d").')
    return axes


def _label(axes: Axes, values: xr.DataArray) -> None:
    vertical, horizontal = values.dims
    axes.set_xlabel(axis_label(values[horizontal]))
    axes.set_ylabel(axis_label(values[vertical]))
