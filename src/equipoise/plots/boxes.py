"""Box plots: one variable over replicates, group beside group, against its expected value."""

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.plots.groups import Groups, arrays
from equipoise.plots.labels import axis_label, label_axes
from equipoise.plots.scales import logarithmic_axis
from equipoise.plots.style import INK, color, figure_of, styled


@styled
def draw_boxes(
    axes: Axes,
    groups: Groups,
    variable: str | None = None,
    *,
    expected: RealNumber | Mapping[str, RealNumber] | None = None,
    logarithmic: bool = False,
    points: bool = True,
) -> None:
    """One box per group: quartiles and median of a variable over replicates, at the last step.

    Whiskers reach the last replicate within 1.5 times the quartile distance. Replicates that are not finite are left
    out, and their number is shown below the name of the group.

    - `axes`: where to draw.
    - `groups`: {name: Dataset or DataArray}, each with dims (replicate,) or (replicate, step), in any unit.
    - `variable`: the variable to draw from Datasets.
    - `expected`: the height of a line across all boxes, or {group: height} for one line per box.
    - `logarithmic`: whether the y axis is logarithmic; False by default.
    - `points`: whether to draw every replicate too; True by default.

    Raises `InputError` for a variable that does not exist, or a group without a finite replicate.
    """
    found = arrays(groups, variable, {"replicate", "step"})
    samples, names = [], []
    for name, array in found.items():
        values = _last(array)
        finite = values[np.isfinite(values)]
        if not finite.size:
            raise InputError(f"No replicate of the group {name} is finite; leave the group out.")
        lost = values.size - finite.size
        samples.append(finite)
        names.append(_wrapped(axes, name, len(found)) + (f"\n({lost} of {values.size} lost)" if lost else ""))
    places = np.arange(1, len(names) + 1)
    _boxes(axes, samples, places)
    if points:
        _points(axes, samples, places)
    _expected(axes, list(found), places, expected)
    axes.set_xticks(places, names)
    axes.set_xlim(0.4, len(names) + 0.6)
    axes.grid(visible=False, axis="x")
    if logarithmic:
        logarithmic_axis(axes, "y")
    label_axes(axes, "", axis_label(next(iter(found.values()))))


def _wrapped(axes: Axes, name: str, groups: int) -> str:
    """The name of a group, wrapped to its share of the axis; letters of 8 points are 0.07 inches wide."""
    inches = axes.get_window_extent().width / figure_of(axes).dpi
    return textwrap.fill(name, max(6, int(inches / groups / 0.07)), break_long_words=False)


def _last(array: xr.DataArray) -> np.ndarray:
    """The values at the last step, one per replicate."""
    return np.atleast_1d(np.asarray(array.isel(step=-1) if "step" in array.dims else array, dtype=float)).ravel()


def _boxes(axes: Axes, samples: list[np.ndarray], places: np.ndarray) -> None:
    line = {"color": INK, "linewidth": 0.9}
    drawn = axes.boxplot(
        samples,
        positions=list(places),
        widths=0.5,
        patch_artist=True,
        showfliers=False,
        medianprops={"color": INK, "linewidth": 1.6},
        whiskerprops=line,
        capprops=line,
        boxprops=dict(line),
    )
    for i, box in enumerate(drawn["boxes"]):
        box.set_facecolor(color(i))
        box.set_alpha(0.55)


def _points(axes: Axes, samples: list[np.ndarray], places: np.ndarray) -> None:
    """Every replicate, spread sideways in a fixed pattern: a golden-ratio sequence, so nothing is random."""
    for i, (values, place) in enumerate(zip(samples, places, strict=True)):
        sideways = (np.arange(values.size) * 0.6180339887 % 1 - 0.5) * 0.4
        axes.plot(place + sideways, values, "o", color=color(i), markersize=2.2, markeredgewidth=0, alpha=0.7, zorder=3)


def _expected(
    axes: Axes, names: list[str], places: np.ndarray, expected: RealNumber | Mapping[str, RealNumber] | None
) -> None:
    line: dict[str, Any] = {"color": INK, "linewidth": 1.1, "linestyle": (0, (4, 2)), "zorder": 4}
    if expected is None:
        return
    if not isinstance(expected, Mapping):
        axes.axhline(float(expected), label="expected", **line)
        return
    unknown = set(expected) - set(names)
    if unknown:
        raise InputError(
            f"expected has a value for {sorted(unknown)[0]}, which is not a group; the groups are {names}."
        )
    shown = [(float(expected[name]), place) for name, place in zip(names, places, strict=True) if name in expected]
    heights, at = [height for height, _ in shown], np.array([place for _, place in shown])
    axes.hlines(heights, at - 0.42, at + 0.42, label="expected", **line)
