"""A variable against the step: for each group, the median over replicates and a band of quantiles."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from equipoise.core.types import RealNumber
from equipoise.plots.groups import Groups, arrays
from equipoise.plots.labels import add_legend, axis_label, label_axes
from equipoise.plots.scales import logarithmic_axis
from equipoise.plots.style import INK, color, dashes, styled


@styled
def draw_paths(
    axes: Axes,
    groups: Groups,
    variable: str | None = None,
    *,
    along: str = "step",
    band: tuple[RealNumber, RealNumber] | None = (0.05, 0.95),
    traces: int = 0,
    logarithmic: str = "",
    expected: RealNumber | None = None,
    legend: bool = True,
) -> None:
    """One line per group: the median of a variable over replicates along `along`, in a band between two quantiles.

    Replicates that are not finite at a step are left out there.

    - `axes`: where to draw.
    - `groups`: {name: Dataset or DataArray}, each with dims (replicate, `along`) or (`along`,), in any unit.
    - `variable`: the variable to draw from Datasets.
    - `along`: the dim of the x axis; "step" by default.
    - `band`: the two quantiles, or None for no band; (0.05, 0.95) by default.
    - `traces`: the number of replicates, the first ones, that are also drawn as thin lines; 0 by default.
    - `logarithmic`: "", the default, "x", "y" or "xy". A logarithmic x axis that holds 0 is linear below the decade of
      its smallest positive value. A logarithmic y axis leaves out values ≤ 0.
    - `expected`: the height of a horizontal line, if any.
    - `legend`: whether to draw a legend where there are several lines; True by default.

    Raises `InputError` for a variable or a dimension that does not exist.
    """
    found = arrays(groups, variable, {"replicate", along})
    for i, (name, array) in enumerate(found.items()):
        x, values = _table(array, along)
        style = {"color": color(i), "linestyle": dashes(i)}
        for row in values[:traces]:
            axes.plot(x, row, color=color(i), linewidth=0.4, alpha=0.6)
        if band is not None and values.shape[0] > 1:
            low, high = _quantiles(values, band)
            axes.fill_between(x, low, high, color=color(i), alpha=0.2, linewidth=0)
        axes.plot(x, _quantiles(values, (0.5,))[0], label=name, **style)
    if expected is not None:
        axes.axhline(float(expected), color=INK, linewidth=0.9, linestyle=(0, (4, 2)), label="expected")
    first = next(iter(found.values()))
    if "x" in logarithmic:
        logarithmic_axis(axes, "x", np.concatenate([np.asarray(array[along], float) for array in found.values()]))
    if "y" in logarithmic:
        logarithmic_axis(axes, "y")
    label_axes(axes, axis_label(first[along]), axis_label(first))
    if legend and (len(found) > 1 or expected is not None):
        add_legend(axes)


def _table(array: xr.DataArray, along: str) -> tuple[np.ndarray, np.ndarray]:
    """The x values, and the y values as (replicate, x)."""
    if "replicate" not in array.dims:
        array = array.expand_dims("replicate")
    return np.asarray(array[along], float), np.asarray(array.transpose("replicate", along), float)


def _quantiles(values: np.ndarray, levels: tuple[RealNumber, ...]) -> list[np.ndarray]:
    """The quantiles over the finite replicates; NaN where no replicate is finite."""
    if np.isfinite(values).all():  # a hundred times as fast as with NaN
        return list(np.quantile(values, levels, axis=0))
    kept = np.where(np.isfinite(values), values, np.nan)
    some = ~np.isnan(kept).all(axis=0)
    found = np.full((len(levels), values.shape[1]), np.nan)
    if some.any():
        found[:, some] = np.nanquantile(kept[:, some], levels, axis=0)
    return list(found)
