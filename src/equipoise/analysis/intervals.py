"""Confidence intervals."""

from typing import NamedTuple

import numpy as np
import scipy  # its parts load when they are used
import xarray as xr


class Interval(NamedTuple):
    """An estimate with its confidence interval.

    - `estimate`: the estimate.
    - `low`, `high`: the ends of the interval.
    """

    estimate: float
    low: float
    high: float


def median_interval(sample: xr.DataArray | np.ndarray, confidence: float = 0.999) -> Interval:
    """The median of a one-dimensional sample, with the distribution-free interval of order statistics.

    The ends of the interval are values of the sample. It covers the median with probability `confidence` or more.

    - `sample`: the values; NaN are ignored.
    - `confidence`: the confidence of the interval; 0.999 by default.
    """
    values = np.sort(np.asarray(sample, dtype=float).ravel())
    values = values[~np.isnan(values)]
    below = int(scipy.stats.binom.ppf((1 - confidence) / 2, values.size, 0.5))
    low = max(below - 1, 0)
    return Interval(float(np.median(values)), float(values[low]), float(values[values.size - 1 - low]))


def mean_interval(sample: xr.DataArray | np.ndarray, confidence: float = 0.999) -> Interval:
    """The mean of independent values, with Student's interval.

    - `sample`: the values; NaN are ignored.
    - `confidence`: the confidence of the interval; 0.999 by default.
    """
    values = np.asarray(sample, dtype=float).ravel()
    values = values[~np.isnan(values)]
    half = scipy.stats.t.ppf(0.5 + confidence / 2, values.size - 1) * scipy.stats.sem(values)
    return Interval(float(values.mean()), float(values.mean() - half), float(values.mean() + half))


def proportion_interval(count: int, total: int, confidence: float = 0.999) -> Interval:
    """A proportion with its exact (Clopper-Pearson) interval.

    - `count`: the number of successes.
    - `total`: the number of trials.
    - `confidence`: the confidence of the interval; 0.999 by default.
    """
    found = scipy.stats.binomtest(count, total).proportion_ci(confidence, method="exact")
    return Interval(count / total, float(found.low), float(found.high))
