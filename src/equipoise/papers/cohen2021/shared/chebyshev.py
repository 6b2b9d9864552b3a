"""A small network that learns a polynomial of Chebyshev from 20 points, as in the toy problem of the paper."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.cohen2021.shared.seeds import Stream

POINTS, DEGREE, WIDTHS = 20, 4, (1, 24, 24, 1)

SETTING = (
    "A tanh network 1 → 24 → 24 → 1 with biases learns the polynomial of Chebyshev of degree 4 from 20 points on "
    "[−1, 1]; the loss is the mean of ½(f − y)². Weights start normal with variance 1/inputs, biases at 0."
)


def problem() -> eq.problems.Network:
    """The network with its data."""
    inputs = np.linspace(-1, 1, POINTS)[:, None]
    targets = np.cos(DEGREE * np.arccos(inputs))
    return eq.problems.network(WIDTHS, inputs, targets, activation="tanh", bias=True)


def starts(seed: int, count: int) -> eq.initial.Given:
    """Normal weights over the root of the number of inputs, biases 0; one for each replicate."""
    random = generator(seed, Stream.STARTS)
    arrays = [
        np.zeros((count, *shape)) if len(shape) == 1 else random.standard_normal((count, *shape)) / shape[1] ** 0.5
        for shape in problem().shapes
    ]
    return eq.initial.Given(tuple(arrays))


def trained(method: Any, seed: int, *, steps: int, every: int, count: int, names: tuple[str, ...]) -> xr.Dataset:
    """What is recorded of a run of the method from these starts."""
    return eq.simulate(
        problem(),
        method,
        starts(seed, count),
        seed=0,
        replicates=count,
        steps=steps,
        record=eq.Record(every, names),
        progress=False,
    ).dataset


def settled(scaled: xr.DataArray) -> xr.DataArray:
    """The mean over the last fifth of the looks."""
    return scaled.isel(step=slice(-(scaled.sizes["step"] // 5), None)).mean("step", skipna=False)
