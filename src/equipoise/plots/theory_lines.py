"""Lines of theory over a grid: where a function of both coordinates has a value, and curves y(x)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.plots.cells import Cells
from equipoise.plots.style import INK, dashes

Contours = Mapping[str, tuple[Callable[[np.ndarray, np.ndarray], Any] | xr.DataArray, RealNumber]]
"""From a label to (f, level): the line on which f(x, y) = level. f is a function or a DataArray with both dims."""

Curves = Mapping[str, Callable[[np.ndarray], Any] | xr.DataArray]
"""From a label to a curve y(x): a function, or a DataArray with the dim x."""


def draw_lines(axes: Axes, x: Cells, y: Cells, names: tuple[str, str], contours: Contours, curves: Curves) -> None:
    """Draw all lines, dark in a light border, so that they are seen on every color."""
    for number, (label, (function, level)) in enumerate(contours.items()):
        pieces = _pieces(axes, *_surface(label, function, x, y, names), float(level))
        for i, piece in enumerate(pieces):
            _line(axes, piece[:, 0], piece[:, 1], number, label if i == 0 else None)
    for number, (label, curve) in enumerate(curves.items(), start=len(contours)):
        _line(axes, *_curve(label, curve, x, names[0]), number, label)


def _surface(
    label: str, function: Any, x: Cells, y: Cells, names: tuple[str, str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if not isinstance(function, xr.DataArray):
        fine_x, fine_y = np.meshgrid(x.fine(), y.fine())
        return fine_x, fine_y, np.broadcast_to(np.asarray(function(fine_x, fine_y), float), fine_x.shape)
    if set(function.dims) != set(names):
        raise InputError(f"The contour {label} has dims {function.dims}, but needs {names[0]} and {names[1]}.")
    ordered = function.transpose(names[1], names[0])
    at_x, at_y = np.meshgrid(np.asarray(ordered[names[0]], float), np.asarray(ordered[names[1]], float))
    return at_x, at_y, np.asarray(ordered, float)


def _pieces(axes: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, level: float) -> list[np.ndarray]:
    """The pieces of a contour, each with shape (k, 2); none where the level is not reached."""
    finite = values[np.isfinite(values)]
    if not finite.size or not finite.min() < level < finite.max():
        return []
    drawn = axes.contour(x, y, np.ma.masked_invalid(values), levels=[level])
    pieces = [np.asarray(piece) for piece in drawn.allsegs[0] if len(piece) > 1]
    drawn.remove()
    return pieces


def _curve(label: str, curve: Any, x: Cells, name: str) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(curve, xr.DataArray):
        fine = x.fine()
        return fine, np.broadcast_to(np.asarray(curve(fine), float), fine.shape)
    if curve.dims != (name,):
        raise InputError(f"The curve {label} has dims {curve.dims}, but needs the dim {name} alone.")
    return np.asarray(curve[name], float), np.asarray(curve, float)


def _line(axes: Axes, x: np.ndarray, y: np.ndarray, number: int, label: str | None) -> None:
    axes.plot(x, y, color="white", linewidth=3.0, alpha=0.8, zorder=4.5, solid_capstyle="butt", label="_border")
    axes.plot(x, y, color=INK, linewidth=1.4, linestyle=dashes(number), label=label, zorder=5)
