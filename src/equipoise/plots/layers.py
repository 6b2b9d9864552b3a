"""A variable of layers, or of pairs of layers, against the step: one line for each."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from equipoise.core.errors import InputError
from equipoise.plots.paths import draw_paths
from equipoise.plots.style import color, styled


@styled
def draw_layers(
    axes: Axes,
    dataset: xr.Dataset,
    variable: str = "neuron_drift_quantiles",
    *,
    along: str = "step",
    logarithmic: str = "",
    legend: bool = True,
) -> None:
    """One line for each layer or pair of layers, as recorded by a monitor or by a run on a network.

    - `axes`: where to draw.
    - `dataset`: the dataset that has the variable.
    - `variable`: a variable with dims (`along`, layer) or (`along`, pair); "neuron_drift_quantiles" by default. With a
      dim replicate, the median and a band are drawn as by `draw_paths`. With a dim quantile, the line is the middle
      quantile, in a band from the lowest to the highest.
    - `along`: the dim of the x axis; "step" by default.
    - `logarithmic`: "", the default, "x", "y" or "xy".
    - `legend`: whether to draw a legend; True by default.

    Raises `InputError` for a variable that does not exist or has no layers.
    """
    if variable not in dataset:
        raise InputError(f"The dataset has no variable {variable}; it has {', '.join(map(str, dataset.data_vars))}.")
    array = dataset[variable]
    others = [str(dim) for dim in array.dims if dim not in (along, "replicate", "quantile")]
    if along not in array.dims or len(others) != 1:
        raise InputError(f"{variable} has dims {array.dims}; it needs {along} and a dim of layers or pairs of layers.")
    parts = {name: array.isel({others[0]: i}) for i, name in enumerate(_names(array, others[0]))}
    if "quantile" in array.dims:
        for i, (name, part) in enumerate(parts.items()):
            ordered = part.sortby("quantile").transpose(along, "quantile", ...)
            low, high = (np.asarray(ordered.isel(quantile=place), float) for place in (0, -1))
            axes.fill_between(np.asarray(part[along], float), low, high, color=color(i), alpha=0.2, linewidth=0)
            parts[name] = ordered.isel(quantile=ordered.sizes["quantile"] // 2)
    draw_paths(axes, parts, along=along, logarithmic=logarithmic, legend=legend)


def _names(array: xr.DataArray, dim: str) -> list[str]:
    """The names of the layers, or their numbers from 1."""
    if dim in array.coords:
        return [str(name) for name in array[dim].values]
    return [f"{dim.replace('_', ' ')} {number}" for number in range(1, array.sizes[dim] + 1)]
