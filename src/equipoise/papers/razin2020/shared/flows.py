"""A deep factorization of a 2 x 2 matrix of which three entries are known, followed from balanced starts."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.razin2020.shared.seeds import Stream

TIMES = {2: 20.0, 3: 300.0, 4: 300.0}
"""How long the flow is followed, by depth. At depth 2 the smaller singular value falls exponentially: much later it
would be as small as rounding, which loses its sign, and with it that of the determinant."""

STEP, LOOKS, SIZE = 0.005, 30, 0.1
"""The length of a step of gradient descent (full: half of it), the number of looks, and ‖W‖_F at the start."""

SIGNS = {"positive": 1, "negative": -1}
"""What the determinant of the start is."""


def completed(entry: float, depth: int) -> eq.problems.Factored:
    """½ Σ (W_ij − y_ij)² over three entries: y₁₂ = y₂₁ = 1 and y₂₂ = `entry`; W is a product of `depth` matrices."""
    form = eq.problems.DeepLinear((2,) * (depth + 1))
    return eq.problems.completion(np.array([[np.nan, 1.0], [1.0, entry]]), parametrization=form, scale=0.5)


def product(problem: Any, theta: Any) -> Any:
    """W"""
    w = theta[0]
    for factor in theta[1:]:
        w = factor @ w
    return w


def balanced(random: np.random.Generator, depth: int, sign: int, count: int) -> eq.initial.Given:
    """Balanced starts of one size whose products have random directions, and determinants of one sign."""
    starts: list[np.ndarray] = []
    while len(starts) < count:
        w = random.standard_normal((2, 2))
        if np.sign(np.linalg.det(w)) == sign:
            starts.append(SIZE * w / np.linalg.norm(w))
    left, values, right = np.linalg.svd(np.array(starts))
    root = values[..., None] ** (1 / depth) * np.eye(2)
    middle = [root] * (depth - 2)
    return eq.initial.Given((root @ right, *middle, left @ root))


def followed(problem: eq.problems.Factored, start: eq.initial.Given, time: float, step: float, seed: int) -> xr.Dataset:
    """Gradient descent with short steps, with loss, W, its effective rank and its singular values over the time."""
    every = round(time / step / LOOKS)
    names = ("loss", product, "effective_rank", "singular_values")
    ran = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(step),
        start,
        seed=seed,
        replicates=len(start.theta[0]),
        steps=every * LOOKS,
        record=eq.Record(every, names),
        progress=False,
    ).dataset
    dims = {"product_axis_0": "row", "product_axis_1": "column"}
    about = {"long_name": "time", "units": "1"}
    times = ("time", step * ran["step"].values, about)
    return ran.drop_vars("time").rename(dims).rename(step="time").assign_coords(time=times)


@functools.cache
def flows(quick: bool, seed: int) -> Mapping[str, xr.Dataset]:
    """One ensemble for each depth and each sign of the determinant: "positive2" and so on; made once a process."""
    count, longer, step = (8, 1.0, STEP) if quick else (100, 3.0, STEP / 2)
    found = {}
    for name, sign in SIGNS.items():
        for depth, time in TIMES.items():
            start = balanced(generator(seed, Stream.STARTS, depth, sign + 1), depth, sign, count)
            longest = time if depth == 2 else longer * time
            found[f"{name}{depth}"] = followed(completed(0.0, depth), start, longest, step, seed)
    return found
