"""A picture of a completion: predictions against the entries that were not seen, and the spectra."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64
from matplotlib.figure import Figure

from equipoise.plots import new_figure, styled

_MOST_POINTS = 5000

Pairs = tuple[Float64[np.ndarray, " m"], Float64[np.ndarray, " m"]]
"""(entries, their predictions)."""


@styled
def draw_answer(unseen: tuple[str, Pairs] | None, spectra: Mapping[str, Float64[np.ndarray, " k"]]) -> Figure:
    """Predicted against known values of a part, in words and numbers, if there is one; and singular values by method.

    Of more than 5000 entries, evenly spaced ones are drawn.
    """
    figure, axes = new_figure(1, 1 if unseen is None else 2, panel=(3.7, 3.0))
    if unseen is not None:
        name, (known, predicted) = unseen
        some = np.linspace(0, known.size - 1, min(known.size, _MOST_POINTS)).astype(int)
        left = axes[0, 0]
        ends = [float(min(known.min(), predicted.min())), float(max(known.max(), predicted.max()))]
        left.plot(ends, ends, color="#7F7F7F", linewidth=0.8)
        left.plot(known[some], predicted[some], ".", markersize=2.5, alpha=0.5, rasterized=True)
        left.set(xlabel=f"entry ({name})", ylabel="prediction")
    right = axes[0, -1]
    for method, singular in spectra.items():
        above = singular[singular > 1e-12 * singular.max(initial=0.0)]
        right.plot(np.arange(1, above.size + 1), above, ".-", markersize=3.0, linewidth=0.8, label=method)
    right.set(xlabel="number", ylabel="singular value")
    if any(singular.any() for singular in spectra.values()):
        right.set_yscale("log")
    right.legend()
    return figure
