"""The start of Theorem 3.2 by both readings of N(0, δI): δ is the variance, as printed, or the standard deviation."""

import numpy as np
import xarray as xr

from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.du2018.shared.stages import C_INIT, LIMIT, VALUE, Strengths

PRINTED, OF_PROOF = "variance", "standard deviation"
ARRIVED = 1e-6
"""‖uvᵀ − M‖/σ₁ at the end of a run that has converged."""


def readings(count: int, dimensions: np.ndarray, c_step: float, steps: int, seed: int) -> xr.Dataset:
    """The shares of starts that converge, and that keep a ratio of at most LIMIT, by reading and dimension."""
    delta = C_INIT * (VALUE / dimensions) ** 0.5
    stds = np.stack([delta**0.5, delta])[:, :, None]
    now = _drawn(stds, count, dimensions, seed)
    ratio = np.zeros(now.alpha.shape)
    with np.errstate(over="ignore", invalid="ignore"):  # some starts diverge
        for _ in range(steps):
            ratio = np.maximum(ratio, np.maximum(np.abs(now.alpha / now.beta), np.abs(now.beta / now.alpha)))
            now = now.after_step(c_step / VALUE, VALUE)
        arrived = now.distance(VALUE) / VALUE <= ARRIVED
        bounded = ratio <= LIMIT
    dims = ("reading", "dimension")
    return xr.Dataset(
        {
            "converged": (dims, arrived.mean(axis=2), {"long_name": "share that converges", "units": "1"}),
            "bounded": (dims, bounded.mean(axis=2), {"long_name": "share with a ratio of at most 100", "units": "1"}),
        },
        {"reading": [PRINTED, OF_PROOF], "dimension": dimensions},
    )


def _drawn(stds: np.ndarray, count: int, dimensions: np.ndarray, seed: int) -> Strengths:
    """(reading, dimension, start): strengths with the law of u₀ and v₀, from the same normal numbers everywhere."""
    random = generator(seed, Stream.READINGS)
    alpha, beta = stds * random.standard_normal((2, 1, 1, count))
    squares = random.chisquare(dimensions[:, None] - 1, (2, 1, dimensions.size, count))
    alpha_off, beta_off = stds * squares**0.5
    return Strengths(alpha, beta, alpha_off, beta_off)
