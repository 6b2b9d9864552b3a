"""Readable logarithmic axes: plain numbers over few decades, and a place for 0."""

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogFormatterSciNotation, NullFormatter, SymmetricalLogLocator

from equipoise.plots.style import styled

_FEW_DECADES = 3.0


class ShortLog(LogFormatterSciNotation):
    """Tick labels: 0.2, 1, 20 on an axis of few decades; powers of ten on a longer one."""

    def __call__(self, value: float, position: int | None = None) -> str:
        """The text of the tick at `value`; empty if the tick has no label."""
        text = super().__call__(value, position)
        low, high = self.axis.get_view_interval() if self.axis is not None else (value, value)
        few = low > 0 and high < 10**_FEW_DECADES * low
        return f"{value:g}" if text and few and 1e-4 < abs(value) < 1e5 else text


@styled
def logarithmic_axis(axes: Axes, which: Literal["x", "y"], values: np.ndarray | None = None) -> None:
    """Make the x or y axis logarithmic.

    - `axes`: the Axes to change.
    - `which`: "x" or "y".
    - `values`: the values along the axis, of any shape. If they hold 0 as well as positive values, the axis is linear
      below the decade of the smallest positive value and starts at the smallest value. Without `values`, values ≤ 0 are
      left out.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    scale = axes.set_xscale if which == "x" else axes.set_yscale
    positive = np.array([]) if values is None else values[values > 0]
    if values is None or not positive.size or not (values <= 0).any():
        scale("log", nonpositive="mask")
        axis.set_major_formatter(ShortLog())
        axis.set_minor_formatter(ShortLog())
        return
    edge = 10 ** float(np.floor(np.log10(positive.min())))
    scale("symlog", linthresh=edge, linscale=0.5)
    axis.set_minor_locator(SymmetricalLogLocator(base=10, linthresh=edge, subs=list(range(2, 10))))
    axis.set_minor_formatter(NullFormatter())
    least = float(np.min(values))
    axes.set_xlim(left=least) if which == "x" else axes.set_ylim(bottom=least)
