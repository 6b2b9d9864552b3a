"""Labels of axes and titles of panels, from the attributes of the data."""

from collections.abc import Iterable, Sequence
from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from equipoise.core.errors import InputError
from equipoise.plots.style import styled


def axis_label(array: xr.DataArray) -> str:
    """`long_name, formula (units)` from the attributes; the name alone if there are none.

    Units "1" and units that repeat the name (step, in steps) are left out.
    """
    name = str(array.attrs.get("long_name") or array.name or "").replace("_", " ")
    formula = str(array.attrs.get("formula", ""))
    units = str(array.attrs.get("units", ""))
    label = ", ".join(word for word in (name, formula if formula != name else "") if word)
    if units in ("", "1") or units.startswith(name or units):
        return label
    return f"{label} ({units})"


def label_axes(axes: Axes, horizontal: str, vertical: str) -> None:
    """Label both axes, except an axis shared with a panel to the left or below that already has the label.

    - `axes`: the Axes to label.
    - `horizontal`: the label of the x axis.
    - `vertical`: the label of the y axis.
    """
    place = axes.get_subplotspec()
    inside_x = place is not None and not place.is_last_row() and _shared(axes, "x")
    inside_y = place is not None and not place.is_first_col() and _shared(axes, "y")
    axes.set_xlabel("" if inside_x else horizontal)
    axes.set_ylabel("" if inside_y else vertical)


def _shared(axes: Axes, which: str) -> bool:
    grouper = axes.get_shared_x_axes() if which == "x" else axes.get_shared_y_axes()
    return len(grouper.get_siblings(axes)) > 1


@styled
def label_panels(axes: Iterable[Axes], titles: Sequence[str]) -> None:
    """Title the panels "(a) first title", "(b) second title", ….

    - `axes`: the panels, at most 26.
    - `titles`: one title per panel, without the letter.

    Raises `InputError` if the numbers of panels and titles differ.
    """
    panels = list(axes)
    if len(panels) != len(titles) or len(panels) > 26:
        raise InputError(
            f"There are {len(panels)} panels and {len(titles)} titles; give one title per panel, for at most 26 panels."
        )
    for i, (panel, title) in enumerate(zip(panels, titles, strict=True)):
        panel.set_title(f"({chr(ord('a') + i)}) {title}".rstrip(), loc="left")


@styled
def add_legend(axes: Axes, **options: Any) -> None:
    """Draw a legend of everything that has a label.

    - `axes`: where to draw.
    - `options`: the options of matplotlib's `Axes.legend`.
    """
    # a place that is said makes no warning on a slow machine; "best" is what matplotlib takes without it
    axes.legend(**{"loc": "best", **options})
