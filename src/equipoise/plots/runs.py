"""Several runs in one figure, one panel for each recorded variable."""

from collections.abc import Mapping, Sequence

import xarray as xr
from matplotlib.figure import Figure

from equipoise.core.types import RealNumber
from equipoise.plots.paths import draw_paths
from equipoise.plots.style import new_figure

LOGARITHMIC = ("loss", "relative_error", "balance", "sharpness", "condition_number", "distance")


def draw_runs(
    runs: Mapping[str, xr.Dataset], variables: Sequence[str], *, expected: Mapping[str, RealNumber] | None = None
) -> Figure:
    """A figure with one panel per variable: its median path over replicates, one line per run.

    Quantities that span decades have a logarithmic axis.

    - `runs`: {name: Dataset}, each with dims (replicate, step).
    - `variables`: the names of the variables.
    - `expected`: {variable: height} of horizontal lines, if any.

    Raises `InputError` for a variable that a run has not recorded.
    """
    figure, axes = new_figure(1, len(variables), panel=(3.7, 3.0))
    lines = expected or {}
    for side, variable in zip(axes[0], variables, strict=True):
        scale = "y" if variable in LOGARITHMIC else ""
        draw_paths(side, runs, variable, logarithmic=scale, expected=lines.get(variable))
    return figure
