"""The plots of Figures 1 and 2: quantities of the reconstructions against the width of U, in three panels."""

from typing import Any

import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.gunasekar2017.shared.reconstruction import METHODS, PANELS
from equipoise.papers.machinery.check import Data

CHOICES = (
    "The scale of the A_i is open: theirs is (B + Bᵀ)/4, B of independent N(0, 1) entries, at which η = 0.001 is a "
    "quarter of the largest stable step in (a). A rank-2 truth has ‖X*‖_F = 1. In (b) a spectrum ∝ k^−1.5 has one "
    "ratio of ‖X‖_* to ‖X‖_F whatever its scale (2.13 at n = 50), so that the printed ‖X*‖_* = √r‖X*‖_F cannot hold; "
    "it is scaled to ‖X*‖_* = √2, that of the rank-2 truth. Line search is clipped at 0.004. 4000, 12 000 and 20 000 "
    "steps of gradient descent in (a), (b), (c), 3000 of line search; the misfit left falls like a power of the "
    "time. Every width is a wide U with columns of zeros."
)


def at_full_width(panel: xr.Dataset, method: str) -> xr.Dataset:
    """The mean over starts at the largest width, which is the size of the matrix."""
    return panel.sel(rule=method).isel(width=-1).mean("start")


def draw_by_width(data: Data, variable: str, methods: tuple[str, ...], lines: dict[str, str], label: str) -> Figure:
    """One panel each for (a), (b), (c): mean and standard deviation over starts against the width."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.6, 3.2))
    for side, (name, title) in zip(axes[0], PANELS.items(), strict=True):
        panel = data[name]
        for number, method in enumerate(methods):
            values = panel[variable].sel(rule=method)
            mean, spread = values.mean("start"), values.std("start", ddof=1)
            hue: dict[str, Any] = {"color": eq.plots.PALETTE[number], "label": METHODS[method]}
            # the first is open, wide and on top, since the line search often ends at the same place
            look = {"markersize": 6, "markerfacecolor": "none", "zorder": 4} if number == 0 else {"markersize": 3}
            side.errorbar(panel["width"], mean, yerr=spread, marker="os^v"[number], lw=1, **look, **hue)
        for number, (attribute, text) in enumerate(lines.items()):
            hue = {"color": ("black", eq.plots.PALETTE[-1])[number], "label": text}
            side.axhline(panel.attrs[attribute], linestyle=("--", ":")[number], lw=1.5, **hue)
        side.set_title(f"({name}) {title}")
        side.set_xlabel("width d of U")
    axes[0, 0].set_ylabel(label)
    return figure


def below(figure: Figure) -> None:
    """One legend for all panels, below them, where it covers no line."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize="small")
