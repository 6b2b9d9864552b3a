"""Small multiples of heat maps over a third dim, and single points of a sweep as groups for boxes and paths."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.plots.grid import add_color_bar, draw_grid
from equipoise.plots.labels import label_panels
from equipoise.plots.statistics import Statistic, points, statistic_label
from equipoise.plots.style import styled


@styled
def draw_grids(
    panels: Iterable[Axes],
    data: xr.Dataset | xr.DataArray,
    variable: str | None = None,
    *,
    over: str,
    x: str,
    y: str,
    statistic: Statistic = "median",
    limits: tuple[RealNumber, RealNumber] | None = None,
    label: str | None = None,
    legend: bool = True,
    **options: Any,
) -> None:
    """Heat maps side by side: one `draw_grid` for each value of a third dim, with the same colors and one color bar.

    - `panels`: the Axes, one for each value of `over`.
    - `over`: the third dim; its values become the titles of the panels.
    - `data`, `variable`, `x`, `y`, `statistic`, `limits`, `label`: as for `draw_grid`; the limits are by default those
      of all panels.
    - `legend`: whether to draw a legend on the last panel; True by default.
    - `options`: the other options of `draw_grid`.

    Raises `InputError` if the numbers of panels and values differ, and what `draw_grid` raises.
    """
    axes = list(panels)
    if over not in data.dims or data.sizes[over] != len(axes):
        raise InputError(
            f"There are {len(axes)} panels for {data.sizes.get(over, 0)} values of {over}; give one panel for each."
        )
    found = points(data, variable, statistic, [over, y, x]).values
    shared = _ends(found.values, options) if limits is None else limits
    for i, panel in enumerate(axes):
        one = data.isel({over: i})
        shown: dict[str, Any] = {"x": x, "y": y, "statistic": statistic, "limits": shared, "color_bar": False}
        draw_grid(panel, one, variable, legend=legend and i == len(axes) - 1, **shown, **options)
    add_color_bar(axes, label or statistic_label(found, statistic, data.sizes.get("replicate", 1)))
    label_panels(axes, [_place(data, {over: value}) for value in _values(data, over)])


def select_points(dataset: xr.Dataset, places: Sequence[Mapping[str, RealNumber | str]]) -> dict[str, xr.Dataset]:
    """Points of a sweep as groups for `draw_boxes` and `draw_paths`, named by their coordinates.

    - `dataset`: a Dataset with a dim for each coordinate.
    - `places`: for each point, {dim: value}; of numbers the nearest value on the grid is taken.

    Raises `InputError` for a dim that does not exist, and for two places that are the same point.
    """
    groups: dict[str, xr.Dataset] = {}
    for place in places:
        chosen = dataset
        for name, value in place.items():
            if name not in dataset.dims or name not in dataset.coords:
                raise InputError(f"The dataset has no dim {name}; it has {', '.join(map(str, dataset.dims))}.")
            method = "nearest" if dataset[name].dtype.kind in "iuf" else None
            chosen = chosen.sel({name: value}, method=method)
        named = _place(dataset, {name: chosen[name].item() for name in place})
        if named in groups:
            raise InputError(f"Two places are the point {named}; give places that are further apart.")
        groups[named] = chosen
    return groups


def _ends(values: np.ndarray, options: Mapping[str, Any]) -> tuple[float, float] | None:
    """The least and the greatest finite value of all panels; None if there are not two."""
    finite = values[np.isfinite(values)]
    shown = finite[finite > 0] if options.get("color") == "logarithmic" else finite
    return (float(shown.min()), float(shown.max())) if shown.size and shown.min() < shown.max() else None


def _values(data: xr.Dataset | xr.DataArray, name: str) -> list[Any]:
    return list(data[name].values) if name in data.coords else list(range(data.sizes[name]))


def _place(data: xr.Dataset | xr.DataArray, place: Mapping[str, Any]) -> str:
    """step size = 0.1, std = 0.2."""
    return ", ".join(f"{_short_name(data, name)} = {_text(value)}" for name, value in place.items())


def _short_name(data: xr.Dataset | xr.DataArray, name: str) -> str:
    """The formula of a coordinate, or else its name."""
    attributes = data[name].attrs if name in data.coords else {}
    return str(attributes.get("formula") or attributes.get("long_name") or name.replace("_", " "))


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (float, np.floating)) else str(value)
