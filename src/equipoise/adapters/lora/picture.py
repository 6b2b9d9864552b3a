"""A picture of an adapter: spectra, balance and size of its modules by depth."""

import re

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from equipoise.plots import add_legend, label_panels, logarithmic_axis, new_figure, styled
from equipoise.plots.style import color

MOST_GROUPS = 8
_DEPTH = re.compile(r"(?:^|[._])(\d+)(?:[._]|$)")


@styled
def draw(dataset: xr.Dataset) -> Figure:
    """Singular values, balance ‖B‖/‖A‖ and size ‖sBA‖ of the modules by depth, from what `inspect` gives.

    The depth is the first number in a module's name, or its place in the list if some have none. Modules with the same
    name up to that number have one color. Modules that were not trained are left out.
    """
    trained = dataset.isel(module=np.flatnonzero(dataset["frobenius_norm"].values > 0))
    figure, axes = new_figure(1, 3, panel=(3.3, 2.9))
    depths = _depths([str(name) for name in trained["module"].values])
    groups = _groups([str(name) for name in trained["module"].values])
    _draw_spectra(axes[0, 0], trained, depths)
    _draw_by_depth(axes[0, 1], depths, trained["balance"].values, groups)
    axes[0, 1].axhline(1, color="black", linewidth=0.8)
    axes[0, 1].set_ylabel("balance, ‖B‖/‖A‖")
    _draw_by_depth(axes[0, 2], depths, trained["frobenius_norm"].values, groups)
    axes[0, 2].set_ylabel("size, ‖sBA‖")
    if 1 < len(set(groups)) <= MOST_GROUPS:
        add_legend(axes[0, 2], loc="best", fontsize=7)
    label_panels(axes[0], ["Spectra", "Balance by depth", "Size by depth"])
    return figure


def _draw_spectra(axes: Axes, dataset: xr.Dataset, depths: np.ndarray) -> None:
    """One line for each module, darker the deeper it is; values below 1e-8 of the largest are not drawn."""
    spectra, index = dataset["singular_values"].values, dataset["index"].values
    shades = matplotlib.colormaps["viridis_r"]
    last = max(float(depths.max()), 1.0) if depths.size else 1.0
    for spectrum, depth in zip(spectra, depths, strict=True):
        shown = spectrum > 1e-8 * spectrum[0]
        axes.plot(index[shown], spectrum[shown], color=shades(0.1 + 0.9 * depth / last), linewidth=0.9, alpha=0.8)
    logarithmic_axis(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("number of the singular value")
    axes.set_ylabel("singular value, σᵢ(sBA)")
    if depths.size and depths.max() > depths.min():
        scale = matplotlib.cm.ScalarMappable(matplotlib.colors.Normalize(0, last), shades)
        bar = axes.figure.colorbar(scale, ax=axes, pad=0.02)
        bar.set_label("depth")
        bar.locator = MaxNLocator(integer=True)
        bar.update_ticks()
        bar.outline.set_visible(False)


def _draw_by_depth(axes: Axes, depths: np.ndarray, values: np.ndarray, groups: list[str]) -> None:
    for i, group in enumerate(dict.fromkeys(groups)):
        own = np.array([each == group for each in groups])
        shade = color(i) if len(set(groups)) <= MOST_GROUPS else color(0)
        axes.plot(depths[own], values[own], "o-", color=shade, markersize=3, linewidth=0.9, label=group)
    logarithmic_axis(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("depth")


def _depths(names: list[str]) -> np.ndarray:
    numbers = [_DEPTH.search(name) for name in names]
    if all(numbers) and len({found[1] for found in numbers if found}) > 1:
        return np.array([int(found[1]) for found in numbers if found])
    return np.arange(len(names))


def _groups(names: list[str]) -> list[str]:
    """The last word of each name that is no number, such as q_proj."""
    return [next((part for part in reversed(name.split(".")) if not part.isdecimal()), name) for name in names]
