"""The predicted box of Perturbed GD's balance: its mean and spread from the stationary law, on a box plot."""

from collections.abc import Sequence

import numpy as np
import scipy.stats
from matplotlib.axes import Axes

_QUARTILE = float(scipy.stats.norm.ppf(0.75))


def draw_bands(axes: Axes, predicted: Sequence[tuple[float, float] | None]) -> None:
    """A dark band between the predicted quartiles of each box, and a light one of two standard deviations.

    - `predicted`: for each box its (mean, standard deviation), or None for no band.
    """
    for place, prediction in enumerate(predicted, start=1):
        if prediction is None:
            continue
        mean, std = prediction
        at = np.array([place - 0.42, place + 0.42])
        for reach, alpha in ((2.0, 0.16), (_QUARTILE, 0.3)):
            axes.fill_between(
                at, mean - reach * std, mean + reach * std, color="0.3", alpha=alpha, linewidth=0, zorder=1
            )
