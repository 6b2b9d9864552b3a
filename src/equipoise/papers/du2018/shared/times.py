"""The time of Theorem 3.2 by the recursion of the four strengths, against the dimension and the accuracy."""

import numpy as np
import scipy.stats
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.du2018.shared.stages import drawn, passages

C_STEP = 0.1
"""c_step = ησ₁ of the paths and of the times."""

DIMENSIONS, ACCURACIES = 10.0 ** np.arange(2, 9), 10.0 ** -np.arange(5, 13)
AT_DIMENSION, AT_ACCURACY = 1e4, 1e-6
TIMES = 60.0
"""The number of steps is TIMES/c_step: several times the length of both stages."""


def passage_times(count: int, seed: int) -> xr.Dataset:
    """The first step with ‖uvᵀ − M‖ ≤ εσ₁, over d at one ε and over ε at one d; the same normal numbers for every d."""
    steps = round(5 * TIMES / C_STEP)

    def times(dimension: float, accuracies: np.ndarray) -> np.ndarray:
        random = generator(seed, Stream.TIMES)
        return passages(drawn(count, dimension, random), C_STEP, accuracies, steps)

    by_dimension = np.concatenate([times(d, np.array([AT_ACCURACY])) for d in DIMENSIONS])
    steps_to = {"long_name": "steps T", "units": "1"}
    return xr.Dataset(
        {
            "by_dimension": (("dimension", "start"), by_dimension, steps_to),
            "by_accuracy": (("accuracy", "start"), times(AT_DIMENSION, ACCURACIES), steps_to),
        },
        {"dimension": DIMENSIONS, "accuracy": ACCURACIES},
    )


def slope(times: xr.DataArray, logarithm: np.ndarray) -> eq.analysis.Interval:
    """Steps per unit of the logarithm: the mean over starts of the least-squares slopes, with its 99.9 % interval."""
    values = times.transpose(..., "start").values
    return eq.analysis.mean_interval(np.array([scipy.stats.linregress(logarithm, row).slope for row in values.T]))


def slopes(times: xr.Dataset) -> tuple[eq.analysis.Interval, eq.analysis.Interval]:
    """The slopes for ln d, and for ln(1/ε)."""
    by_dimension = slope(times["by_dimension"], np.log(times["dimension"].values))
    return by_dimension, slope(times["by_accuracy"], -np.log(times["accuracy"].values))


def proportion(times: xr.Dataset) -> float:
    """The largest mean of T/ln(d/ε) over the smallest, for all d and ε: bounded if T = O(log(d/ε)) and no faster."""
    by_dimension = times["by_dimension"] / np.log(times["dimension"] / AT_ACCURACY)
    by_accuracy = times["by_accuracy"] / np.log(AT_DIMENSION / times["accuracy"])
    found = np.concatenate([each.mean("start", skipna=False).values for each in (by_dimension, by_accuracy)])
    return float(found.max() / found.min())
