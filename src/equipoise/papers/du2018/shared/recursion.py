"""Gradient descent on a matrix of rank 1 beside the recursion of the four strengths, Eq. (23)."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.papers.du2018.shared.factorization import descent, ensemble, gaussian
from equipoise.papers.du2018.shared.stages import C_INIT, VALUE
from equipoise.papers.du2018.shared.times import C_STEP, TIMES


def beside(shape: tuple[int, int], seed: int) -> xr.Dataset:
    """Gradient descent on u and v, and the recursion (23) from the same start, both at every step; over √σ₁."""
    problem: Any = eq.problems.planted(shape, 1, values=[VALUE], seed=seed)
    start = gaussian(C_INIT * (VALUE / max(shape)) ** 0.5)
    steps = round(TIMES / C_STEP)
    ran = ensemble(problem, descent(C_STEP / VALUE), start, [(steps, 1)], seed=seed)
    names = {"alpha": "on_signal_x", "beta": "on_signal_y", "alpha_off": "off_signal_x", "beta_off": "off_signal_y"}
    first = {name: ran[recorded].values[:, 0] for name, recorded in names.items()}
    sign = np.sign(ran["alignment"].values[:, 0])  # of α₀β₀; the recorded strengths have no sign
    now = eq.theory.Strengths(**{**first, "alpha": sign * first["alpha"]})
    found = []
    for _ in range(steps + 1):
        found.append(now)
        now = now.after_step(C_STEP / VALUE, VALUE)
    unit = VALUE**0.5
    table = {name: (("replicate", "step"), np.abs([getattr(each, name) for each in found]).T / unit) for name in names}
    product = np.array([each.alpha * each.beta for each in found]).T
    recursion = xr.Dataset({**table, "product": (("replicate", "step"), product / VALUE)}, {"step": ran["step"]})
    descended = xr.Dataset({name: ran[recorded].variable / unit for name, recorded in names.items()})
    descended = descended.assign(product=ran["alignment"].variable / VALUE**2, step=ran["step"])
    return xr.concat([descended, recursion], xr.DataArray(["descent", "recursion"], dims="by", name="by"))
