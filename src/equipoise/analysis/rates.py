"""Growth rates: how one quantity grows with another."""

from typing import NamedTuple

import numpy as np
import scipy  # its parts load when they are used
import xarray as xr

from equipoise.analysis.intervals import Interval


class PowerLaw(NamedTuple):
    """y ≈ constant · x^exponent.

    - `exponent`: with its confidence interval.
    - `constant`: the constant.
    """

    exponent: Interval
    constant: float


def power_law(x: xr.DataArray | np.ndarray, y: xr.DataArray | np.ndarray, confidence: float = 0.999) -> PowerLaw:
    """The exponent of y ∝ x^p, by least squares of log y on log x, with Student's interval.

    - `x`: at least 3 numbers greater than 0.
    - `y`: as many numbers greater than 0.
    - `confidence`: the confidence of the interval; 0.999 by default.
    """
    fit = scipy.stats.linregress(np.log(np.asarray(x, float)), np.log(np.asarray(y, float)))
    half = scipy.stats.t.ppf(0.5 + confidence / 2, np.size(x) - 2) * fit.stderr
    exponent = Interval(float(fit.slope), float(fit.slope - half), float(fit.slope + half))
    return PowerLaw(exponent, float(np.exp(fit.intercept)))
